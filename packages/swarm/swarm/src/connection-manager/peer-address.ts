import type { DialTarget, PeerId } from '@libp2p/interface'
import { InvalidMultiaddrError, InvalidParametersError } from '@weft/errors'
import { equals } from '@weft/bytes'
import { isMultiaddr, type Multiaddr, p2pBytesOf } from '@weft/multiaddr'
import { isPeerId, peerIdFromMultihashBytes } from '@weft/peer-id'

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
  for (const address of multiaddrs) {
    if (!isMultiaddr(address)) throw new InvalidMultiaddrError(`${String(address)} is no multiaddr`)
  }
  const [id, ...others] = multiaddrs.map(p2pBytesOf)
  if (!others.every(other => same(id, other))) {
    throw new InvalidParametersError('the multiaddrs of a dial must all have the same peer id, or none')
  }
  return {
    peerId: id === undefined ? undefined : peerIdFromMultihashBytes(id),
    // An address of nothing but the id says nothing about where the peer is.
    multiaddrs: multiaddrs.filter(address => !(id !== undefined && address.getComponents().length === 1))
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equals(a, b)
}
