import type { ByteQueue } from '@weft/bytes'
import { MultiaddrConnectionBase, type MultiaddrConnectionInit } from '@weft/interface-connection'
import type { Delay } from './delay.ts'

/** What one end of a connection is made of. */
export interface MemoryConnectionInit extends MultiaddrConnectionInit {
  /** When what is sent arrives. */
  delay: Delay
  /** Bytes in the largest chunk that arrives. */
  maxMessageSize: number
}

// Bytes under way at which the sender waits, and unread ones at which the receiver takes no more: what a socket holds.
const highWaterMark = 256 * 1024
// After the remote's end, and with nothing left to read, the time in which this side answers or ends too. Layers above do
// so at once; where none is left that would, the connection goes. Milliseconds.
const farewellTime = 100

/** Connects two ends. */
export function memoryPair(dialer: MemoryConnectionInit, listener: MemoryConnectionInit): [End, End] {
  const ends: [End, End] = [new End(dialer), new End(listener)]
  End.join(...ends)
  return ends
}

/** One end of a connection inside this process. */
class End extends MultiaddrConnectionBase {
  readonly #delay: Delay
  #peer!: End
  /** What has arrived and was not taken yet. */
  #inbox: Uint8Array[] = []
  #ended = false
  #taking = false
  #awake = false
  #idle: ReturnType<typeof setTimeout> | undefined
  /** Bytes sent that the peer has not taken. */
  #underWay = 0

  static join(a: End, b: End): void {
    a.#peer = b
    b.#peer = a
  }

  constructor(init: MemoryConnectionInit) {
    super(init)
    this.#delay = init.delay
    this.maxMessageSize = init.maxMessageSize
  }

  protected override transmit(queue: ByteQueue): boolean {
    const peer = this.#peer
    if (this.#idle !== undefined) {
      clearTimeout(this.#idle)
      this.#closeWhenIdle()
    }
    const chunks: Uint8Array[] = []
    for (let chunk = queue.shift(this.maxMessageSize); chunk !== undefined; chunk = queue.shift(this.maxMessageSize)) {
      // The receiver owns what arrives, so it cannot be what the sender holds.
      chunks.push(Uint8Array.from(chunk))
      this.#underWay += chunk.byteLength
    }
    this.#delay(() => {
      peer.#inbox.push(...chunks)
      peer.#take()
    })
    return this.#underWay < highWaterMark
  }

  protected override async sendCloseWrite(): Promise<void> {
    const peer = this.#peer
    this.#delay(() => {
      peer.#ended = true
      peer.#take()
    })
  }

  protected override sendReset(): void {
    const peer = this.#peer
    this.#delay(() => {
      peer.#inbox = []
      peer.remoteReset()
    })
  }

  protected override sendResume(): void {
    this.#take()
  }

  protected override consumed(): void {
    if (this.#inbox.length === 0 || this.#awake) return
    this.#awake = true
    // Later, because the reader is just being given what it has consumed.
    queueMicrotask(() => {
      this.#awake = false
      this.#take()
    })
  }

  /** Takes what has arrived, as long as there is a reader that keeps up. */
  #take(): void {
    // Taking a chunk can make the reader resume, which comes here again.
    if (this.#taking) return
    this.#taking = true
    const peer = this.#peer
    while (this.#inbox.length > 0 && this.readStatus !== 'paused' && this.readBufferLength < highWaterMark) {
      const chunk = this.#inbox.shift()!
      peer.#underWay -= chunk.byteLength
      this.deliver(chunk)
    }
    this.#taking = false
    if (peer.#underWay < highWaterMark) peer.writable()
    if (this.#ended && this.#inbox.length === 0) this.#end()
  }

  #end(): void {
    if (this.remoteWriteStatus === 'closed') return
    this.remoteClosedWrite()
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    this.#idle = setTimeout(() => {
      if (this.writeStatus !== 'writable') return
      if (this.writableNeedsDrain || this.readBufferLength > 0) this.#closeWhenIdle()
      else this.close().catch(() => {})
    }, farewellTime)
  }
}
