import type { ByteQueue } from '@weft/bytes'
import { guarded, MultiaddrConnectionBase, type MultiaddrConnectionInit } from '@weft/interface-connection'
import type { Delay } from './delay.ts'

/** Options of one end of a connection. */
export interface MemoryConnectionInit extends MultiaddrConnectionInit {
  /** The delay of everything that is sent. */
  delay: Delay
  /** Maximum size of a chunk, in bytes. */
  maxMessageSize: number
}

// Bytes in transit above which the sender waits, and unread bytes above which the receiver accepts no more: as for a
// socket.
const highWaterMark = 256 * 1024
// After the remote has closed, and with nothing left to read: the time until this side closes too unless it writes.
// Upper layers do so at once; without any, the connection is closed. Milliseconds.
const farewellTime = 100

/** Creates a connected pair. */
export function memoryPair(dialer: MemoryConnectionInit, listener: MemoryConnectionInit): [End, End] {
  const ends: [End, End] = [new End(dialer), new End(listener)]
  End.join(...ends)
  return ends
}

/** One end of a connection inside this process. */
class End extends MultiaddrConnectionBase {
  private readonly _delay: Delay
  private _peer!: End
  /** Data that has arrived and was not taken yet. */
  private _inbox: Uint8Array[] = []
  private _ended = false
  private _taking = false
  private _awake = false
  private _idle: ReturnType<typeof setTimeout> | undefined
  /** Bytes sent that the peer has not taken. */
  private _underWay = 0

  static join(a: End, b: End): void {
    a._peer = b
    b._peer = a
  }

  constructor(init: MemoryConnectionInit) {
    super(init)
    this._delay = init.delay
    this.maxMessageSize = init.maxMessageSize
  }

  protected override transmit(queue: ByteQueue): boolean {
    const peer = this._peer
    if (this._idle !== undefined) {
      clearTimeout(this._idle)
      this._closeWhenIdle()
    }
    const chunks: Uint8Array[] = []
    for (let chunk = queue.shift(this.maxMessageSize); chunk !== undefined; chunk = queue.shift(this.maxMessageSize)) {
      // The receiver owns its data, so it must be a copy of the sender's.
      chunks.push(Uint8Array.from(chunk))
      this._underWay += chunk.byteLength
    }
    this._arrive(() => {
      peer._inbox.push(...chunks)
      peer._take()
    })
    return this._underWay < highWaterMark
  }

  protected override async sendCloseWrite(): Promise<void> {
    const peer = this._peer
    this._arrive(() => {
      peer._ended = true
      peer._take()
    })
  }

  protected override sendReset(): void {
    const peer = this._peer
    this._arrive(() => {
      peer._inbox = []
      peer.remoteReset()
    })
  }

  /** Runs `task` for the peer after the delay. If it throws, the peer is aborted. */
  private _arrive(task: () => void): void {
    this._delay(guarded(this._peer, task))
  }

  protected override sendResume(): void {
    this._take()
  }

  protected override consumed(): void {
    if (this._inbox.length === 0 || this._awake) return
    this._awake = true
    // Deferred, because the reader is in the middle of a delivery.
    const wake = guarded(this, () => {
      this._awake = false
      this._take()
    })
    queueMicrotask(wake)
  }

  /** Delivers data that has arrived, as long as the reader keeps up. */
  private _take(): void {
    // Delivering a chunk can make the reader resume, which calls this method again.
    if (this._taking) return
    this._taking = true
    const peer = this._peer
    while (this._inbox.length > 0 && this.readStatus !== 'paused' && this.readBufferLength < highWaterMark) {
      const chunk = this._inbox.shift()!
      peer._underWay -= chunk.byteLength
      this.deliver(chunk)
    }
    this._taking = false
    if (peer._underWay < highWaterMark) peer.writable()
    if (this._ended && this._inbox.length === 0) this._end()
  }

  private _end(): void {
    if (this.remoteWriteStatus === 'closed') return
    this.remoteClosedWrite()
    this._closeWhenIdle()
  }

  private _closeWhenIdle(): void {
    const look = guarded(this, () => {
      if (this.writeStatus !== 'writable') return
      if (this.writableNeedsDrain || this.readBufferLength > 0) this._closeWhenIdle()
      else this.close().catch(() => {})
    })
    this._idle = setTimeout(look, farewellTime)
  }
}
