/**
 * Bets on the insides of V8, glibc and Node: each makes bulk data faster (benchmarks/NOTES.md), none is needed for anything to
 * work, and a new version of what is bet on may make any of them worthless. `WEFT_TUNING=off` in the environment turns all of
 * them off; it is read once, when this file is loaded. Nothing else may rest on how a runtime is made inside. The twin for
 * browsers does nothing.
 */

/** Whether the bets are on. */
export const isTuned: boolean = readSwitch()

function readSwitch(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  try {
    return process?.env?.['WEFT_TUNING'] !== 'off'
  } catch {
    // Deno lets nobody read the environment who was not allowed to.
    return true
  }
}

// V8: a quarter of the payload. Its young space of 16 MiB is then full, other objects included, before 64 MiB of payload are.
const payload = 64 * 1024
const slots = 2048
// A node that only greets its peers reads less than this for a long time, and has nothing to gain.
const bulk = 16 * 1024 * 1024

/**
 * Payload for which no heap was used up yet, all of it until it is bulk, and what was last used up: a variable that is
 * never read would be optimized away.
 */
const account = { owed: 0, untilBulk: bulk, last: undefined as unknown }

/**
 * Reports that `bytes` of payload were delivered: triggers a minor garbage collection before buffers force a full one.
 * V8 collects the young objects, which is cheap and frees what was read at once, when their space in the heap is full;
 * and all objects, however many the application has, for each 64 MiB of buffers, which lie outside of the heap. Payload
 * is buffers with few objects, and would set off the latter each time: some heap is used up along with it. What was
 * freed then stays with the process for the next payload, see `keepFreedMemory`.
 */
export function collectYoung(bytes: number): void {
  if (!isTuned) return
  account.owed += bytes
  for (; account.owed >= payload; account.owed -= payload) {
    account.untilBulk -= payload
    account.last = account.untilBulk === 0 ? keepFreedMemory() : new Array(slots)
  }
}

// glibc: as much as the payload that one collection of young objects frees, and half of its greatest.
const keptLength = 16 * 1024 * 1024

/**
 * Has the C library keep up to 32 MiB of freed memory for what is allocated next; the caller drops the buffer that comes
 * back. glibc gives memory at the end of its heap back to the system when more than 128 KiB of it are free, and the system
 * then clears each page of it anew: for bulk data, that of every buffer. That bound becomes twice as much as the largest
 * block that was freed, where nobody set it by the environment (mallopt(3), `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`). The
 * buffer is never written, so that it takes no memory; elsewhere it does nothing.
 */
function keepFreedMemory(): ArrayBuffer {
  return new ArrayBuffer(keptLength)
}

// Below it a detached buffer costs more than what the garbage collector saves.
const minReleased = 16 * 1024

/**
 * Gives the memory of a view back at once where the view is the whole of its buffer, and large. Nobody else may have the
 * buffer: all views of it are empty afterwards. Memory outside of the heap that waits for the garbage collector makes
 * that run often, and what is used next is cold. Without `ArrayBuffer.prototype.transfer` (Node 20) it does nothing.
 */
export function releaseMemory(view: Uint8Array): void {
  if (!isTuned || view.byteLength < minReleased) return
  const buffer = view.buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer }
  if (view.byteLength === buffer.byteLength) buffer.transfer?.(0)
}

/** What `readDirectly` needs of a socket of `node:net`. */
export interface DirectSource {
  /** Called by the socket with what the system has read; `null` at the end. */
  push(chunk: Uint8Array | null): boolean
  /** Whether its `data` events come. */
  readonly readableFlowing: boolean | null
  /** Bytes that wait in its stream. */
  readonly readableLength: number
}

/**
 * Offers to `take` what a flowing socket reads, past the buffer of its stream: for each chunk, that buffer asks in a tick of its
 * own whether to read more, which a socket does anyway. What `take` refuses by returning false, and whatever comes while the
 * socket is paused or something is in the buffer, is the stream's, and comes by its `data` events, after what came before: all
 * of it, where the bets are off.
 */
export function readDirectly(socket: DirectSource, take: (chunk: Uint8Array) => boolean): void {
  if (!isTuned) return
  const push = socket.push.bind(socket)
  socket.push = (chunk: Uint8Array | null) => {
    const isDirect = chunk !== null && socket.readableFlowing === true && socket.readableLength === 0
    return (isDirect && take(chunk)) || push(chunk)
  }
}
