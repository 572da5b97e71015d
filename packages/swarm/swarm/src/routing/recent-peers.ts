import type { PeerId } from '@libp2p/interface'

// A query meets some hundred peers; past this many the oldest are forgotten and may come twice.
const maxRemembered = 8192

/** Which peers a query has yielded. */
export class RecentPeers {
  readonly #ids = new Set<string>()

  has(peer: PeerId): boolean {
    return this.#ids.has(peer.toString())
  }

  /** Returns false if it was there already. */
  add(peer: PeerId): boolean {
    const id = peer.toString()
    if (this.#ids.has(id)) return false
    if (this.#ids.size >= maxRemembered) {
      const [oldest] = this.#ids
      this.#ids.delete(oldest!)
    }
    this.#ids.add(id)
    return true
  }
}
