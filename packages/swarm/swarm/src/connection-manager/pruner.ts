/** Which connections go when there are too many. */
import type { Connection, PeerStore } from '@libp2p/interface'

/**
 * The connections to close, the least wanted first: lowest sum of the peer's tag values, then fewest streams, then
 * inbound before outbound, then newest.
 */
export async function leastWanted(connections: readonly Connection[], peerStore: PeerStore): Promise<Connection[]> {
  const values = new Map<string, number>()
  for (const { remotePeer } of connections) {
    const key = remotePeer.toString()
    if (!values.has(key)) values.set(key, await tagValue(peerStore, remotePeer))
  }
  const valueOf = (connection: Connection): number => values.get(connection.remotePeer.toString()) ?? 0
  return [...connections].sort(
    (a, b) =>
      valueOf(a) - valueOf(b) ||
      a.streams.length - b.streams.length ||
      Number(a.direction === 'outbound') - Number(b.direction === 'outbound') ||
      b.timeline.open - a.timeline.open
  )
}

async function tagValue(peerStore: PeerStore, peer: Connection['remotePeer']): Promise<number> {
  try {
    const { tags } = await peerStore.get(peer)
    return [...tags.values()].reduce((sum, tag) => sum + tag.value, 0)
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return 0
    throw error
  }
}
