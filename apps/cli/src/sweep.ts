import type { PeerStore } from '@libp2p/interface'

/** Milliseconds. Peers are forgotten after hours without a word; what passed by in between stays for this long more. */
const sweepInterval = 600_000

/**
 * Has a peer store look through itself from time to time: it forgets what is too old when it is looked through, and
 * nobody else asks a node that only listens. Returns what ends it.
 */
export function sweepPeers(peerStore: Pick<PeerStore, 'all'>): () => void {
  const timer = setInterval(() => void peerStore.all().catch(() => {}), sweepInterval)
  return () => clearInterval(timer)
}
