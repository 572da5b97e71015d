/** A rate: `burst` at once, then `rate` a second. */
export class TokenBucket {
  private readonly _rate: number
  private readonly _burst: number
  private _tokens: number
  private _at: number

  /**
   * @param rate - tokens a second
   * @param burst - capacity and initial number of tokens
   * @param now - milliseconds on a monotonic clock
   */
  constructor(rate: number, burst: number, now: number) {
    this._rate = rate
    this._burst = burst
    this._tokens = burst
    this._at = now
  }

  /** Takes a token if one is available. */
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
  /** The time of that token count, in ms. */
  at: number
}

/**
 * A rate for each of many sources: `burst` at once, then `rate` a second. When there are too many, the least recently
 * used sources are forgotten: an attack from more addresses than that is subject to other limits.
 *
 * Two generations: when the young map has half of the capacity it replaces the old one, whose remaining entries are
 * dropped. Deleting the oldest key of a single map each time is slow, as V8 searches for the first key among the
 * deleted ones.
 */
export class TokenBuckets {
  private readonly _half: number
  private _young = new Map<string, Bucket>()
  private _old = new Map<string, Bucket>()
  private _rate: number
  private _burst: number

  /** @param capacity - maximum number of sources; at least the most recent half of that is remembered */
  constructor(capacity: number, rate: number, burst: number) {
    this._half = Math.max(1, Math.floor(capacity / 2))
    this._rate = rate
    this._burst = burst
  }

  /** Number of entries, at most the capacity. */
  get size(): number {
    return this._young.size + this._old.size
  }

  /** Changes the limits. */
  configure(rate: number, burst: number): void {
    this._rate = rate
    this._burst = burst
  }

  /** Takes a token of `key` if one is available. `now` is in ms and monotonic. */
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
