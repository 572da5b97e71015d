import { TokenBuckets } from '@weft/collections'

/**
 * How often a peer may push: ten times at once, then once in five seconds. That is go-libp2p's rate, and more than any
 * change of addresses needs.
 */
const burst = 10
const perSecond = 0.2
/** Peers that are remembered at most, at least half as many. One that is forgotten has its burst again. */
const maxPeers = 4096

export class PushRate {
  private readonly _buckets = new TokenBuckets(maxPeers, perSecond, burst)

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
    return this._buckets.take(peer, now)
  }
}
