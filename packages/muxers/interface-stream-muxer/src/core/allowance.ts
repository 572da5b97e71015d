/** What the remote may do so many times at once, and so many times a second. */
export class Allowance {
  private readonly _burst: number
  private readonly _perSecond: number
  private _left: number
  private _since = Number.NEGATIVE_INFINITY

  constructor(burst: number, perSecond: number) {
    this._burst = burst
    this._perSecond = perSecond
    this._left = burst
  }

  /** Takes one. Returns false when there is none left. */
  take(now: number): boolean {
    if (this._left < this._burst) {
      this._left = Math.min(this._burst, this._left + ((now - this._since) * this._perSecond) / 1000)
    }
    this._since = now
    if (this._left < 1) return false
    this._left--
    return true
  }
}
