/** The writing side of a stream: what is unsent, what is held back for what may follow, waiting for drain, and the end mark. */
import type { MessageStreamEvents } from '@libp2p/interface'
import { type ByteCounts, ByteQueue, concat } from '@weft/bytes'
import { asError, StreamBufferError, StreamStateError } from '@weft/errors'
import type { Uint8ArrayList } from 'uint8arraylist'
import { chunksOf } from './chunks-of.ts'
import { breakOff, type Guarded } from './guard.ts'
import type { StreamAccount } from './stream-account.ts'
import { Waiters } from './waiters.ts'

/** What the writing side needs of its stream. */
export interface WriteHost extends Guarded {
  readonly isOver: boolean
  readonly maxWriteBufferLength: number
  /** Takes from `queue` what can leave now, and returns whether more could. */
  transmit(queue: ByteQueue): boolean
  /** Tells the remote that no more will be sent. */
  sendCloseWrite(): Promise<void>
  /** Runs `task` at the end of this turn; with `afterNextLayer`, behind what a muxer does there. */
  beforeTurnEnds(task: () => void, afterNextLayer: boolean): void
  safeDispatchEvent(type: keyof MessageStreamEvents): unknown
  /** `send()` is welcome again. */
  drained(): void
  /** The end mark has been handed on. */
  writeClosed(): void
  abort(error: Error): void
}

type WriteState =
  | { readonly kind: 'writable' }
  /** What was sent before `close()` leaves; `done` settles once the end mark has been handed on. */
  | { readonly kind: 'closing'; done: Promise<void> | undefined }
  | { readonly kind: 'closed' }

// Shared by all streams, as they hold nothing.
const writable: WriteState = { kind: 'writable' }
const closed: WriteState = { kind: 'closed' }

export class WriteSide {
  /** Bytes that `transmit` has not taken yet. */
  readonly buffer: ByteQueue = new ByteQueue()
  /** Those who count what is sent. */
  counts: ByteCounts | undefined
  account: StreamAccount | undefined
  /** True from a `send()` that returned false to the next `drain`. */
  needsDrain = false
  /** Whether the remote has said that it reads no more, or the stream is over. */
  remoteReadClosed = false
  private readonly _host: WriteHost
  private _state: WriteState = writable
  private _drained: Waiters | undefined
  private _transmitting = false
  private _holding = false

  constructor(host: WriteHost) {
    this._host = host
  }

  get status(): WriteState['kind'] {
    return this._state.kind
  }

  send(data: Uint8Array | Uint8ArrayList): boolean {
    // The usual case without a list.
    const chunks = data instanceof Uint8Array ? undefined : chunksOf(data, 'send')
    this._assertOpen()
    if (chunks === undefined) this._push(data as Uint8Array)
    else this._pushAll(chunks)
    return this.flush()
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    this._assertOpen()
    this._pushAll(chunks)
    return this.flush()
  }

  /** Sends what is unsent, as far as it can leave. Returns whether more could. Throws, having aborted, where that fails. */
  flush(): boolean {
    if (this.needsDrain) {
      this._charge(false)
      return false
    }
    if (this._transmitting) return true
    this._transmitting = true
    try {
      const more = this.buffer.byteLength === 0 || this._host.transmit(this.buffer)
      if (!more || this.buffer.byteLength > 0) this.needsDrain = true
    } catch (error) {
      this._host.abort(error as Error)
      throw error
    } finally {
      this._transmitting = false
    }
    this._charge(true)
    if (this.buffer.byteLength === 0) this._host.safeDispatchEvent('idle')
    return !this.needsDrain
  }

  /** Queues bytes for the end of the turn. */
  hold(chunks: readonly Uint8Array[], forNextLayer: boolean): void {
    this._assertOpen()
    this._pushAll(chunks)
    if (this._holding) return
    this._holding = true
    this._host.beforeTurnEnds(() => this._flushHeld(), forNextLayer)
  }

  /** Sends what is held: what follows is apart from it. */
  sendHeld(): void {
    if (this._holding && this.buffer.byteLength > 0 && !this.needsDrain) this.flush()
  }

  /** What is held leaves before the stream is aborted. */
  flushBeforeAbort(): void {
    if (!this._transmitting) this._flushHeld()
  }

  /** Queues bytes, which wait for more than room: `wake()` says when. */
  queue(data: Uint8Array | Uint8ArrayList): false {
    const chunks = chunksOf(data, 'send')
    this._assertOpen()
    // One chunk for one call.
    this._push(data instanceof Uint8Array ? data : concat([...chunks]))
    this.needsDrain = true
    this._charge(false)
    return false
  }

  /** What waits below may be sent now. */
  wake(): void {
    if (!this.needsDrain || this._host.isOver) return
    this.needsDrain = false
    try {
      if (!this.flush()) return
      this._drained?.resolve()
      this._host.drained()
    } catch (error) {
      // Whoever calls this is below, or the system.
      breakOff(this._host, error)
    }
  }

  /** Resolves with the next drain; rejects when writing ends before. */
  whenDrained(): Promise<void> {
    this._drained ??= new Waiters()
    return this._drained.wait()
  }

  /** Ends writing. Every call gets the same promise. */
  close(): Promise<void> {
    if (this._state.kind === 'closed') return Promise.resolve()
    const closing: WriteState = this._state.kind === 'closing' ? this._state : { kind: 'closing', done: undefined }
    this._state = closing
    closing.done ??= this._close()
    return closing.done
  }

  /** Drops what is unsent. */
  drop(): void {
    if (this.buffer.byteLength === 0) return
    this.buffer.clear()
    this._charge(true)
    this._host.safeDispatchEvent('idle')
  }

  /** Writing is over. `makeError` is called only where someone waits: an error costs its stack trace. */
  end(makeError: () => Error): void {
    this._state = closed
    this.remoteReadClosed = true
    if (this._drained !== undefined) this._drained.reject(makeError())
  }

  private _pushAll(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this._push(chunk)
  }

  private _push(chunk: Uint8Array): void {
    this.buffer.push(chunk)
    if (this.counts !== undefined) this.counts.sent += chunk.byteLength
  }

  /** Throws `StreamStateError` once writing has ended, and aborts the stream where its writer has not waited for drain. */
  private _assertOpen(): void {
    if (this._state.kind !== 'writable') {
      throw new StreamStateError(`cannot write to a stream that is ${this._state.kind}`)
    }
    const { byteLength } = this.buffer
    const limit = this._host.maxWriteBufferLength
    if (byteLength <= limit) return
    const error = new StreamBufferError(
      `${byteLength} bytes are unsent, the limit is ${limit} (option maxWriteBufferLength): wait for drain`,
      { facts: { byteLength, limit } }
    )
    this._host.abort(error)
    throw error
  }

  private async _close(): Promise<void> {
    // What is held leaves before the end.
    this.flush()
    while (this.buffer.byteLength > 0 || this.needsDrain) await this.whenDrained()
    await this._host.sendCloseWrite()
    if (this.status === 'closed') return
    this._state = closed
    this._host.writeClosed()
  }

  private _flushHeld(): void {
    if (!this._holding) return
    this._holding = false
    if (this._state.kind === 'closed') return
    try {
      this.flush()
    } catch {
      // The stream has aborted itself, and has said so to its owner.
    }
  }

  /** Charges what is unsent to the account. Where there is no room the stream is aborted. */
  private _charge(allowPart: boolean): void {
    try {
      this.account?.chargeUnsent(this.buffer.byteLength, allowPart)
    } catch (error) {
      this._host.abort(asError(error))
      throw error
    }
  }
}
