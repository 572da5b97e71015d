import type { Peer, PeerQuery } from '@libp2p/interface'

/** The peers that a query asks for: filtered, ordered by the first order that tells two apart, cut. */
export function select(peers: Peer[], { filters = [], orders = [], offset = 0, limit }: PeerQuery): Peer[] {
  const found = filters.length === 0 ? peers : peers.filter(peer => filters.every(filter => filter(peer)))
  if (orders.length > 0) {
    found.sort((a, b) => {
      for (const order of orders) {
        const difference = order(a, b)
        if (difference !== 0) return difference
      }
      return 0
    })
  }
  return offset === 0 && limit === undefined
    ? found
    : found.slice(offset, limit === undefined ? undefined : offset + limit)
}
