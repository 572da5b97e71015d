import { Allowance } from './allowance.ts'

/**
 * Frames that cost the receiver and change nothing, or undo what they began: this many at once, and this many a second.
 * Honest peers send a few.
 */
export const idleFrameBurst: number = 4096
export const idleFramesPerSecond: number = 512

/** Frames for streams that never were, before the remote counts as broken. */
export const maxUnknownFrames: number = 64

/** Makes the error of a session whose remote sends too much of what is of no use. */
export type FloodError = (
  kind: 'flood' | 'unknown stream',
  message: string,
  facts: Readonly<Record<string, unknown>>
) => Error

/** How much of what is of no use a remote may send. */
export class IdleFrames {
  private readonly _errorOf: FloodError
  private readonly _allowance = new Allowance(idleFrameBurst, idleFramesPerSecond)
  private _unknownFrames = 0

  constructor(errorOf: FloodError) {
    this._errorOf = errorOf
  }

  /** Counts a frame that changes nothing. Throws when there are too many. */
  count(now: number): void {
    if (this._allowance.take(now)) return
    throw this._errorOf('flood', 'the remote floods the session with frames that carry nothing', {
      burst: idleFrameBurst,
      perSecond: idleFramesPerSecond
    })
  }

  /** Counts a frame of a stream that never was. Throws when there are too many. */
  countUnknown(streamId: number): void {
    if (++this._unknownFrames < maxUnknownFrames) return
    throw this._errorOf('unknown stream', `${maxUnknownFrames} frames named streams that never were`, { streamId })
  }
}
