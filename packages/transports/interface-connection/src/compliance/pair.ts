import type { Logger, MessageStream, MultiaddrConnection } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { MultiaddrConnectionBase } from '../multiaddr-connection.ts'

/** How the pair carries bytes. */
export interface PairOptions {
  /** Bytes under way after which a writer has to wait. @default 65536 */
  highWaterMark?: number
  /** Bytes in the largest chunk that arrives. @default no limit */
  maxChunk?: number
}

/** Two connected streams in this process: what one sends, the other gets in a later turn of the loop. */
export function messageStreamPair(options: PairOptions = {}): [MultiaddrConnection, MultiaddrConnection] {
  const [a, b] = [new PairEnd('outbound', options), new PairEnd('inbound', options)]
  a.peer = b
  b.peer = a
  return [a, b]
}

/** The same stream without its byte path, as a foreign implementation would be. */
export function eventsOnly<S extends MessageStream>(stream: S): S {
  return new Proxy(stream, {
    get(target, key) {
      if (key === Symbol.for('@weft/bytes')) return undefined
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' && key !== 'log' ? value.bind(target) : value
    }
  })
}

const noLog: Logger = Object.assign(() => {}, {
  error() {},
  trace() {},
  enabled: false,
  newScope: () => noLog
})

const someAddress: Multiaddr = multiaddr('/memory/pair')

class PairEnd extends MultiaddrConnectionBase {
  peer!: PairEnd
  private readonly _highWaterMark: number
  private readonly _maxChunk: number
  private readonly _coming: Array<() => void> = []
  /** Turns that passed while this end was paused. */
  private _owed = 0
  private _underWay = 0

  constructor(direction: 'inbound' | 'outbound', options: PairOptions) {
    super({ log: noLog, direction, remoteAddr: someAddress })
    this._highWaterMark = options.highWaterMark ?? 64 * 1024
    this._maxChunk = options.maxChunk ?? Number.POSITIVE_INFINITY
  }

  protected override transmit(queue: ByteQueue): boolean {
    for (let chunk = queue.shift(this._maxChunk); chunk !== undefined; chunk = queue.shift(this._maxChunk)) {
      const { byteLength } = chunk
      // What is sent may be changed by its owner once it has left: a copy leaves.
      const copy = new Uint8Array(chunk)
      this._underWay += byteLength
      this.peer._arrive(() => {
        this.peer.deliver(copy)
        this._underWay -= byteLength
        if (this._underWay < this._highWaterMark) this.writable()
      })
    }
    return this._underWay < this._highWaterMark
  }

  protected override async sendCloseWrite(): Promise<void> {
    this.peer._arrive(() => this.peer.remoteClosedWrite())
  }

  protected override sendReset(_error: Error): void {
    // As in a muxer: a stream that has paused hears of it, and what it has not taken is lost.
    setTimeout(() => this.peer.remoteReset(), 0)
  }

  protected override sendResume(): void {
    const owed = this._owed
    this._owed = 0
    for (let i = 0; i < owed; i++) setTimeout(() => this._next(), 0)
  }

  private _arrive(task: () => void): void {
    this._coming.push(task)
    setTimeout(() => this._next(), 0)
  }

  // In the order in which it was sent, also where some had to wait and others were under way.
  private _next(): void {
    if (this.readStatus === 'paused') this._owed++
    else this._coming.shift()?.()
  }
}
