import type { SchedulerLimits } from './limits.ts'

/**
 * Notices that a path swallows everything: of the last N attempts fewer than M came through. Then only every Nth is
 * let pass, as a probe, and the first that comes through clears the suspicion.
 */
export class BlackHole {
  private readonly _window: number
  private readonly _minSuccesses: number
  private readonly _outcomes: boolean[] = []
  private _oldest = 0
  private _successes = 0
  private _refused = 0

  constructor({ blackHoleWindow, blackHoleMinSuccesses }: SchedulerLimits) {
    this._window = blackHoleWindow
    this._minSuccesses = blackHoleMinSuccesses
  }

  get blocked(): boolean {
    return this._outcomes.length >= this._window && this._successes < this._minSuccesses
  }

  /** Whether an attempt may go this way. Counts the question: each Nth passes a blocked path. */
  allows(): boolean {
    if (!this.blocked) return true
    this._refused++
    if (this._refused < this._window) return false
    this._refused = 0
    return true
  }

  /** What became of an attempt that was neither aborted nor refused here. */
  record(success: boolean): void {
    if (success && this.blocked) {
      this._outcomes.length = 0
      this._oldest = 0
      this._successes = 0
      this._refused = 0
      return
    }
    if (success) this._successes++
    if (this._outcomes.length < this._window) {
      this._outcomes.push(success)
      return
    }
    if (this._outcomes[this._oldest] === true) this._successes--
    this._outcomes[this._oldest] = success
    this._oldest = (this._oldest + 1) % this._window
  }
}
