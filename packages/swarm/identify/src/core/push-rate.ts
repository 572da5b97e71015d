/**
 * How often a peer may push: ten times at once, then once in five seconds. That is go-libp2p's rate, and more than any
 * change of addresses needs.
 */
const burst = 10
const interval = 5000
/** Peers that are remembered. One more pushes the longest known out, which then has its burst again. */
const maxPeers = 4096

interface Bucket {
  tokens: number
  at: number
}

export class PushRate {
  private readonly _buckets = new Map<string, Bucket>()

  /** Peers that are remembered. */
  get size(): number {
    return this._buckets.size
  }

  /**
   * Whether the peer may push now.
   *
   * @param now - milliseconds on a clock that never goes back
   */
  take(peer: string, now: number): boolean {
    const bucket = this._buckets.get(peer) ?? this._add(peer, now)
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / interval)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  private _add(peer: string, now: number): Bucket {
    if (this._buckets.size >= maxPeers) {
      const [oldest] = this._buckets.keys()
      this._buckets.delete(oldest!)
    }
    const bucket = { tokens: burst, at: now }
    this._buckets.set(peer, bucket)
    return bucket
  }
}
