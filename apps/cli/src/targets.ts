/** Whom to dial, as it is given on the command line or to a control socket. */
import { InvalidParametersError } from '@weft/errors'
import { type Multiaddr, multiaddr, p2pOf } from '@weft/multiaddr'
import { type PeerId, peerIdFromString } from '@weft/peer-id'

/**
 * Reads the addresses of one peer, or its id alone, or both: the id then stands for each address that has none. Throws
 * `InvalidParametersError`, `InvalidMultiaddrError` or `InvalidPeerIdError`.
 */
export function dialTarget(texts: readonly string[]): PeerId | Multiaddr[] {
  const ids = texts.filter(text => !text.startsWith('/')).map(text => peerIdFromString(text))
  const addresses = texts.filter(text => text.startsWith('/')).map(text => multiaddr(text))
  const [id, ...others] = ids
  if (others.length > 0)
    throw new InvalidParametersError('one peer is dialed at a time: more than one peer id is given')
  if (id === undefined) return addresses
  if (addresses.length === 0) return id
  return addresses.map(address =>
    p2pOf(address) === undefined ? address.encapsulate(`/p2p/${id.toString()}`) : address
  )
}

/** An address as text, without the peer at its end where that is this one: it is named elsewhere. */
export function withoutPeer(address: string, peer: string): string {
  const end = `/p2p/${peer}`
  return address.endsWith(end) && address !== end ? address.slice(0, -end.length) : address
}
