import type { PeerDiscovery } from '@libp2p/interface'
import { isOnlyFailure } from '@weft/dialer'
import type { Components } from '@weft/interface-node'

/**
 * Stores the addresses of peers that a discovery finds. The peer store then tells of those that are new. What a service has
 * under the symbol and tells of no event is no discovery.
 */
export function watchDiscovery(discovery: Partial<PeerDiscovery>, { logger, peerId, peerStore }: Components): void {
  if (typeof discovery.addEventListener !== 'function') return
  const log = logger.forComponent('libp2p')
  discovery.addEventListener('peer', ({ detail: { id, multiaddrs } }) => {
    if (id.equals(peerId)) return
    peerStore.merge(id, { multiaddrs }).catch(error => log.error('could not store what was discovered - %e', error))
  })
}

/** Dispatches `peer:discovery` for each peer that was not in the peer store before. */
export function announceNewPeers({ events }: Components): void {
  events.addEventListener('peer:update', ({ detail: { peer, previous } }) => {
    // That a peer did not answer is no discovery of it.
    if (isOnlyFailure(peer) || (previous != null && !isOnlyFailure(previous))) return
    const multiaddrs = peer.addresses.map(({ multiaddr }) => multiaddr)
    events.safeDispatchEvent('peer:discovery', { detail: { id: peer.id, multiaddrs } })
  })
}
