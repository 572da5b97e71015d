import { YamuxError } from '../errors.ts'
import { idleFrameBurst, idleFramesPerSecond } from './limits.ts'

/** A bucket for frames that cost the receiver and move nothing. */
export class IdleFrames {
  #left = idleFrameBurst
  #since = Number.NEGATIVE_INFINITY

  /** Counts one. Throws `YamuxError` when the remote sends too many. */
  count(now: number): void {
    if (this.#left < idleFrameBurst) {
      const refill = ((now - this.#since) * idleFramesPerSecond) / 1000
      this.#left = Math.min(idleFrameBurst, this.#left + refill)
    }
    this.#since = now
    this.#left--
    if (this.#left >= 0) return
    throw new YamuxError('ERR_YAMUX_FLOOD', 'the remote floods the session with frames that carry nothing', {
      burst: idleFrameBurst,
      perSecond: idleFramesPerSecond
    })
  }
}
