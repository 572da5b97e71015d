/** Least time until something is sent again, in ms (BEP 29). */
const minTimeout = 500

/** The time before the first measure, in ms (BEP 29). */
const initialTimeout = 1000

/** Round trips, and the time after which what was not acknowledged is sent again (BEP 29, as RFC 6298). */
export class RoundTrip {
  private _smooth: number | undefined
  private _variance = 0
  private _backoff = 1

  /** Smoothed round trip in ms, `undefined` before the first measure. */
  get smooth(): number | undefined {
    return this._smooth
  }

  /** Time until a retransmission, in ms. */
  get timeout(): number {
    const base = this._smooth === undefined ? initialTimeout : this._smooth + 4 * this._variance
    return Math.max(minTimeout, base) * this._backoff
  }

  /** A packet that was sent once was acknowledged after `ms`. */
  sample(ms: number): void {
    if (this._smooth === undefined) {
      this._smooth = ms
      this._variance = ms / 2
    } else {
      this._variance += (Math.abs(this._smooth - ms) - this._variance) / 4
      this._smooth += (ms - this._smooth) / 8
    }
  }

  /** Something new was acknowledged. */
  onProgress(): void {
    this._backoff = 1
  }

  /** Nothing was: twice as long next time. */
  onTimeout(): void {
    this._backoff *= 2
  }
}
