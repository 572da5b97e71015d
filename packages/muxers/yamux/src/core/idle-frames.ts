import { YamuxError } from '../errors.ts'
import { idleFrameBurst, idleFramesPerSecond } from './limits.ts'

/** A bucket for frames that cost the receiver and move nothing. */
export class IdleFrames {
  private _left = idleFrameBurst
  private _since = Number.NEGATIVE_INFINITY

  /** Counts one. Throws `YamuxError` when the remote sends too many. */
  count(now: number): void {
    if (this._left < idleFrameBurst) {
      const refill = ((now - this._since) * idleFramesPerSecond) / 1000
      this._left = Math.min(idleFrameBurst, this._left + refill)
    }
    this._since = now
    this._left--
    if (this._left >= 0) return
    throw new YamuxError('ERR_YAMUX_FLOOD', 'the remote floods the session with frames that carry nothing', {
      burst: idleFrameBurst,
      perSecond: idleFramesPerSecond
    })
  }
}
