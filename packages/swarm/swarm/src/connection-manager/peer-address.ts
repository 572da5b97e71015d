import type { DialTarget, PeerId } from '@libp2p/interface'
import { InvalidMultiaddrError, InvalidParametersError } from '@weft/errors'
import { isMultiaddr, type Multiaddr, p2pOf } from '@weft/multiaddr'
import { isPeerId, peerIdFromString } from '@weft/peer-id'

/** Whom a dial is for, and where the caller says the peer is. */
export interface PeerAddress {
  peerId: PeerId | undefined
  multiaddrs: Multiaddr[]
}

/** Reads a dial target. Throws `InvalidMultiaddrError`, or `InvalidParametersError` where addresses name several peers. */
export function peerAddressOf(target: DialTarget): PeerAddress {
  if (isPeerId(target)) return { peerId: target, multiaddrs: [] }
  const multiaddrs = Array.isArray(target) ? target : [target]
  if (multiaddrs.length === 0) throw new InvalidParametersError('a dial needs a peer id or at least one multiaddr')
  const ids = new Set<string | undefined>()
  for (const address of multiaddrs) {
    if (!isMultiaddr(address)) throw new InvalidMultiaddrError(`${String(address)} is no multiaddr`)
    ids.add(p2pOf(address))
  }
  if (ids.size > 1) throw new InvalidParametersError('the multiaddrs of a dial must all have the same peer id, or none')
  const [id] = ids
  return {
    peerId: id === undefined ? undefined : peerIdFromString(id),
    // An address of nothing but the id says nothing about where the peer is.
    multiaddrs: multiaddrs.filter(address => !(id !== undefined && address.getComponents().length === 1))
  }
}
