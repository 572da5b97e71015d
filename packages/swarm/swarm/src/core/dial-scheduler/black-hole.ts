import type { SchedulerLimits } from './limits.ts'

/**
 * Notices that a path swallows everything: of the last N attempts fewer than M came through. Then only every Nth is
 * let pass, as a probe, and the first that comes through clears the suspicion.
 */
export class BlackHole {
  readonly #window: number
  readonly #minSuccesses: number
  readonly #outcomes: boolean[] = []
  #oldest = 0
  #successes = 0
  #refused = 0

  constructor({ blackHoleWindow, blackHoleMinSuccesses }: SchedulerLimits) {
    this.#window = blackHoleWindow
    this.#minSuccesses = blackHoleMinSuccesses
  }

  get blocked(): boolean {
    return this.#outcomes.length >= this.#window && this.#successes < this.#minSuccesses
  }

  /** Whether an attempt may go this way. Counts the question: each Nth passes a blocked path. */
  allows(): boolean {
    if (!this.blocked) return true
    this.#refused++
    if (this.#refused < this.#window) return false
    this.#refused = 0
    return true
  }

  /** What became of an attempt that was neither aborted nor refused here. */
  record(success: boolean): void {
    if (success && this.blocked) {
      this.#outcomes.length = 0
      this.#oldest = 0
      this.#successes = 0
      this.#refused = 0
      return
    }
    if (success) this.#successes++
    if (this.#outcomes.length < this.#window) {
      this.#outcomes.push(success)
      return
    }
    if (this.#outcomes[this.#oldest] === true) this.#successes--
    this.#outcomes[this.#oldest] = success
    this.#oldest = (this.#oldest + 1) % this.#window
  }
}
