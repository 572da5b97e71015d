import { CODE_MEMORY, CODE_UNIX, isLoopback, isPrivate, type Multiaddr, tryGetNetConfig } from '@weft/multiaddr'

/** From where an address can be reached: this machine alone, a private network, everywhere. */
export type AddressReach = 'local' | 'private' | 'public'

/** The scope of an address by its first part: of a relayed one, that of the relay. Names are public, but for `localhost`. */
export function reachOf(address: Multiaddr): AddressReach {
  const code = address.getComponents()[0]?.code
  if (code === CODE_MEMORY || code === CODE_UNIX || isLoopback(address)) return 'local'
  if (!isPrivate(address)) return 'public'
  return tryGetNetConfig(address)?.host === 'localhost' ? 'local' : 'private'
}

/**
 * Whether a peer whose own address has the scope `of` is told of an address (RFC 0003): a public peer of public ones alone, a peer of
 * a private network also of private ones, a peer in this machine of all.
 */
export function isToldTo(of: AddressReach, address: Multiaddr): boolean {
  const scope = reachOf(address)
  return of === 'local' || scope === 'public' || (of === 'private' && scope === 'private')
}
