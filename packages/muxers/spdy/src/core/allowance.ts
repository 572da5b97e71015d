/** What the remote may do so many times at once, and so many times a second. */
export class Allowance {
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #since = Number.NEGATIVE_INFINITY

  constructor(burst: number, perSecond: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
  }

  /** Takes one. Returns false when there is none left. */
  take(now: number): boolean {
    if (this.#left < this.#burst) {
      this.#left = Math.min(this.#burst, this.#left + ((now - this.#since) * this.#perSecond) / 1000)
    }
    this.#since = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
