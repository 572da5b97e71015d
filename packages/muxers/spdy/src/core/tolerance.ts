import { SpdyError } from '../errors.ts'
import { Allowance } from './allowance.ts'
import { idleFrameBurst, idleFramesPerSecond, maxUnknownFrames } from './limits.ts'

/** How much of what is of no use a remote may send. */
export class Tolerance {
  private readonly _idle = new Allowance(idleFrameBurst, idleFramesPerSecond)
  private _unknownFrames = 0

  /** Counts a frame that moves nothing. Throws `SpdyError` when there are too many. */
  countIdle(now: number): void {
    if (this._idle.take(now)) return
    throw new SpdyError('ERR_SPDY_FLOOD', 'the remote floods the session with frames that carry nothing', {
      burst: idleFrameBurst,
      perSecond: idleFramesPerSecond
    })
  }

  /** Counts a frame of a stream that never was. Throws `SpdyError` when there are too many. */
  countUnknown(streamId: number): void {
    if (++this._unknownFrames < maxUnknownFrames) return
    throw new SpdyError('ERR_SPDY_UNKNOWN_STREAM', `${maxUnknownFrames} frames named streams that never were`, {
      streamId
    })
  }
}
