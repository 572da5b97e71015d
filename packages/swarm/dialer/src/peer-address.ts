import type { DialTarget, PeerId } from '@libp2p/interface'
import { describeValue, InvalidMultiaddrError, InvalidParametersError } from '@weft/errors'
import { equals } from '@weft/bytes'
import { isMultiaddr, multiaddr, type Multiaddr, p2pBytesOf } from '@weft/multiaddr'
import { isPeerId, peerIdFromMultihashBytes } from '@weft/peer-id'
import { NoValidAddressesError } from './dial-errors.ts'

/** Whom a dial is for, and where the caller says the peer is. */
export interface PeerAddress {
  /** The peer, if the target names it. */
  peerId: PeerId | undefined
  /** Addresses that the target names. */
  multiaddrs: Multiaddr[]
}

/**
 * Reads a dial target. At run time a multiaddr may also be given as its text. Throws `InvalidMultiaddrError`,
 * `NoValidAddressesError` for no address, or `InvalidParametersError` where addresses name several peers.
 */
export function peerAddressOf(target: DialTarget): PeerAddress {
  if (isPeerId(target)) return { peerId: target, multiaddrs: [] }
  const multiaddrs = (Array.isArray(target) ? target : [target]).map(multiaddrOf)
  if (multiaddrs.length === 0) throw new NoValidAddressesError('a dial needs a peer id or at least one multiaddr')
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

/** The address, also where it is given as text. Throws `InvalidMultiaddrError`. */
export function multiaddrOf(given: Multiaddr | string): Multiaddr {
  if (typeof given !== 'string') {
    if (isMultiaddr(given)) return given
    throw new InvalidMultiaddrError(`a peer id or a multiaddr is needed, not ${describeValue(given, false)}`)
  }
  if (given.startsWith('/')) return multiaddr(given)
  const text = JSON.stringify(given.slice(0, 64))
  throw new InvalidMultiaddrError(`${text} is no multiaddr; for a peer's id as text, give peerIdFromString(text)`)
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equals(a, b)
}

/** What a target is called in messages: its peer id, or else its addresses. */
export function nameOf({ peerId, multiaddrs }: PeerAddress): string {
  return peerId?.toString() ?? multiaddrs.join(', ')
}
