import type { Stream } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'

/** Aborts a stream on which nothing moves. */
export class IdleTimer {
  private readonly _expire: () => void
  private readonly _milliseconds: number
  private _timer: ReturnType<typeof setTimeout>

  constructor(stream: Stream, milliseconds: number) {
    this._expire = () => {
      stream.abort(new TimeoutError(`nothing moved for ${milliseconds} ms`, { facts: { milliseconds } }))
    }
    this._milliseconds = milliseconds
    this._timer = setTimeout(this._expire, milliseconds)
  }

  restart(): void {
    clearTimeout(this._timer)
    this._timer = setTimeout(this._expire, this._milliseconds)
  }

  stop(): void {
    clearTimeout(this._timer)
  }
}
