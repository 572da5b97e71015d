import type { MessageStream } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'

/** Aborts a stream on which nothing moves, with a `TimeoutError`. It lives as long as the stream, or until `stop()`. */
export class IdleTimer {
  private readonly _stream: MessageStream
  private readonly _milliseconds: number
  private _movedAt = performance.now()
  private _timer: ReturnType<typeof setTimeout>

  constructor(stream: MessageStream, milliseconds: number) {
    this._stream = stream
    this._milliseconds = milliseconds
    this._timer = setTimeout(this._expire, milliseconds)
    stream.addEventListener('close', this.stop)
  }

  /** Something moved: the time begins again. Costs a look at the clock, so that it may be called for every chunk. */
  restart(): void {
    this._movedAt = performance.now()
  }

  /** Ends it: the stream may be idle. */
  readonly stop = (): void => {
    clearTimeout(this._timer)
    this._stream.removeEventListener('close', this.stop)
  }

  private readonly _expire = (): void => {
    if (this._stream.status !== 'open' && this._stream.status !== 'closing') return
    const left = this._movedAt + this._milliseconds - performance.now()
    if (left > 0) {
      this._timer = setTimeout(this._expire, Math.ceil(left))
      return
    }
    const facts = { milliseconds: this._milliseconds }
    this._stream.abort(new TimeoutError(`nothing moved for ${this._milliseconds} ms`, { facts }))
  }
}
