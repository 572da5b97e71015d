/**
 * What a remote may send that is of no use. The rule of every session: a frame that changes no state counts, whichever flags
 * it carries, and so does one that undoes what it began. What may honestly be under way when a stream ends does not.
 */
import { Allowance } from './allowance.ts'

/** Frames of no use that a remote may send at once, and each second. Honest peers send a few. */
export const idleFrameBurst: number = 4096
/** Frames that change nothing which a remote may send in a second, in the long run. */
export const idleFramesPerSecond: number = 512

/** Frames for streams that never were, before the remote counts as broken. */
export const maxUnknownFrames: number = 64

/**
 * How far the id of a stream may be ahead of the highest before it. Ids are given in order; those in between were given to
 * streams that were never heard of.
 */
export const maxIdGap: number = 65_536

/**
 * Bytes of credit that are worth a frame of their own. Less changes something only as the answer to a frame that was sent
 * to the remote: peers that grant what they read at once answer each.
 */
export const leastCredit: number = 1024

// What crosses the end of a stream, beside its data: an end mark, and a window update.
const lateFramesPerStream = 2
// As much as a thousand streams may be sent at once.
const maxLateBytes = 256 * 1024 * 1024

/** Makes the error of a session whose remote sends too much of what is of no use. */
export type FloodError = (
  kind: 'flood' | 'unknown stream',
  message: string,
  facts: Readonly<Record<string, unknown>>
) => Error

/** Counts what is of no use. */
export class IdleFrames {
  private readonly _errorOf: FloodError
  private readonly _allowance = new Allowance(idleFrameBurst, idleFramesPerSecond)
  private _unknownFrames = 0
  /** What may still come for streams that are gone. */
  private _lateFrames = 0
  private _lateBytes = 0

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

  /** This side holds a stream no more, of which the remote does not know yet: `bytes` of it may be under way. */
  expectLate(bytes: number): void {
    this._lateFrames = Math.min(idleFrameBurst, this._lateFrames + lateFramesPerStream)
    this._lateBytes = Math.min(maxLateBytes, this._lateBytes + bytes)
  }

  /** Counts a frame of a stream that is gone, with so many bytes of payload, unless it may have been under way. */
  countLate(bytes: number, now: number): void {
    if (bytes === 0 && this._lateFrames > 0) this._lateFrames--
    else if (bytes > 0 && this._lateBytes >= bytes) this._lateBytes -= bytes
    else this.count(now)
  }

  /** Counts a frame of a stream that never was. Throws when there are too many. */
  countUnknown(streamId: number): void {
    if (++this._unknownFrames < maxUnknownFrames) return
    throw this._errorOf('unknown stream', `${maxUnknownFrames} frames named streams that never were`, { streamId })
  }
}
