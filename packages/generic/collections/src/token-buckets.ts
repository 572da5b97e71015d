/** A rate: `burst` at once, then `rate` a second. */
export class TokenBucket {
  private readonly _rate: number
  private readonly _burst: number
  private _tokens: number
  private _at: number

  /**
   * @param rate - tokens a second
   * @param burst - tokens that it holds at most, and at first
   * @param now - milliseconds on a clock that never goes back
   */
  constructor(rate: number, burst: number, now: number) {
    this._rate = rate
    this._burst = burst
    this._tokens = burst
    this._at = now
  }

  /** Takes a token, if there is one. */
  take(now: number): boolean {
    if (this._burst === Number.POSITIVE_INFINITY) return true
    this._tokens = refilled(this._tokens, this._at, this._rate, this._burst, now)
    this._at = now
    if (this._tokens < 1) return false
    this._tokens--
    return true
  }
}

interface Bucket {
  tokens: number
  /** When that many were there, in ms. */
  at: number
}

/**
 * A rate for each of many sources: `burst` at once, then `rate` a second. Sources that were not heard of for longest are
 * forgotten when there are too many: an attack spread over more addresses than that meets the other limits.
 *
 * Of two maps, the young one becomes the old one when it is half of the capacity, and what was still in the old one is
 * gone. A single map whose oldest key is deleted each time is slow: V8 looks for its first key among the deleted.
 */
export class TokenBuckets {
  private readonly _half: number
  private _young = new Map<string, Bucket>()
  private _old = new Map<string, Bucket>()
  private _rate: number
  private _burst: number

  /** @param capacity - sources that are remembered: at least half as many, those used last */
  constructor(capacity: number, rate: number, burst: number) {
    this._half = Math.max(1, Math.floor(capacity / 2))
    this._rate = rate
    this._burst = burst
  }

  /** Entries, at most the capacity. */
  get size(): number {
    return this._young.size + this._old.size
  }

  /** Other limits from now on. */
  configure(rate: number, burst: number): void {
    this._rate = rate
    this._burst = burst
  }

  /** Takes a token of `key`, if it has one. `now` is in ms and never goes back. */
  take(key: string, now: number): boolean {
    if (this._burst === Number.POSITIVE_INFINITY) return true
    const bucket = this._bucketOf(key, now)
    bucket.tokens = refilled(bucket.tokens, bucket.at, this._rate, this._burst, now)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  private _bucketOf(key: string, now: number): Bucket {
    const young = this._young.get(key)
    if (young !== undefined) return young
    const bucket = this._old.get(key) ?? { tokens: this._burst, at: now }
    if (this._young.size >= this._half) {
      this._old = this._young
      this._young = new Map()
    }
    this._young.set(key, bucket)
    return bucket
  }
}

function refilled(tokens: number, at: number, rate: number, burst: number, now: number): number {
  return Math.min(burst, tokens + ((now - at) / 1000) * rate)
}
