import type { PeerId } from '@libp2p/interface'

// A query meets some hundred peers; past this many the oldest are forgotten and may come twice.
const maxRemembered = 8192

/** Which peers a query has yielded. */
export class RecentPeers {
  private readonly _ids = new Set<string>()

  has(peer: PeerId): boolean {
    return this._ids.has(peer.toString())
  }

  /** Returns false if it was there already. */
  add(peer: PeerId): boolean {
    const id = peer.toString()
    if (this._ids.has(id)) return false
    if (this._ids.size >= maxRemembered) {
      const [oldest] = this._ids
      this._ids.delete(oldest!)
    }
    this._ids.add(id)
    return true
  }
}
