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
  readonly #half: number
  #young = new Map<string, Bucket>()
  #old = new Map<string, Bucket>()
  #rate: number
  #burst: number

  /** @param capacity - sources that are remembered: at least half as many, those used last */
  constructor(capacity: number, rate: number, burst: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2))
    this.#rate = rate
    this.#burst = burst
  }

  /** Entries, at most the capacity. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Other limits from now on. */
  configure(rate: number, burst: number): void {
    this.#rate = rate
    this.#burst = burst
  }

  /** Takes a token of `key`, if it has one. `now` is in ms and never goes back. */
  take(key: string, now: number): boolean {
    if (this.#burst === Number.POSITIVE_INFINITY) return true
    const bucket = this.#bucketOf(key, now)
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now - bucket.at) / 1000) * this.#rate)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  #bucketOf(key: string, now: number): Bucket {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const bucket = this.#old.get(key) ?? { tokens: this.#burst, at: now }
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, bucket)
    return bucket
  }
}
