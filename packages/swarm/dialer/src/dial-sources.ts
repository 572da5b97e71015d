/** Where the addresses of a dial come from, what they resolve to, and which of them are left out. */
import type {
  AbortOptions,
  Address,
  ConnectionGater,
  LoggerOptions,
  MultiaddrResolver,
  PeerId,
  PeerRouting,
  PeerStore
} from '@libp2p/interface'
import type { DNS } from '@multiformats/dns'
import type { TransportManager } from '@weft/interface-node'
import { deniedByGater } from './dial-errors.ts'
import { CODE_P2P, encapsulatePeer, type Multiaddr, p2pBytesOf } from '@weft/multiaddr'

/** What finding addresses needs of the node. */
export interface AddressComponents {
  peerStore: PeerStore
  peerRouting: PeerRouting
  transportManager: TransportManager
  connectionGater: ConnectionGater
  dns?: DNS
}

/** How addresses are found. */
export interface AddressOptions extends AbortOptions, LoggerOptions {}

/** The addresses of a peer that the peer store has. */
export async function storedAddresses({ peerStore }: AddressComponents, peerId: PeerId): Promise<Address[]> {
  const stored = await peerStore.get(peerId).catch(notFound)
  return stored?.addresses ?? []
}

/** The addresses of a peer that the routers find. */
export async function routedAddresses(
  { peerRouting }: AddressComponents,
  peerId: PeerId,
  options: AddressOptions
): Promise<Address[]> {
  try {
    const { multiaddrs } = await peerRouting.findPeer(peerId, options)
    return multiaddrs.map(uncertified)
  } catch (error) {
    options.log('no router knows %p - %e', peerId, error)
    return []
  }
}

/** What an address that has a resolver resolves to. */
export async function resolvedAddresses(
  { dns }: AddressComponents,
  resolver: MultiaddrResolver,
  address: Multiaddr,
  { signal, log }: AddressOptions
): Promise<Address[]> {
  const found = await resolver.resolve(address, {
    log,
    ...(signal === undefined ? {} : { signal }),
    ...(dns === undefined ? {} : { dns })
  })
  return found.map(uncertified)
}

/** The addresses at which this node listens, as texts without a peer id: whoever dials one reaches this node. */
export function ownAddresses({ transportManager }: AddressComponents): ReadonlySet<string> {
  return new Set(transportManager.getAddrs().map(withoutPeer))
}

/** Why an address is left out of a dial to `peerId`, if it is. `own`: those of `ownAddresses`. */
export async function filterReason(
  { transportManager, connectionGater }: AddressComponents,
  address: Multiaddr,
  peerId: PeerId | undefined,
  own: ReadonlySet<string>
): Promise<string | undefined> {
  const id = p2pBytesOf(address)
  if (peerId !== undefined && id !== undefined && !peerId.equals(id)) return 'it is an address of another peer'
  if (own.has(withoutPeer(address))) return 'it is an address of this node'
  if (transportManager.dialTransportForMultiaddr(address) === undefined) return 'no transport can dial it'
  if ((await connectionGater.denyDialMultiaddr?.(address)) === true) return deniedByGater
  return undefined
}

/** Whether one of the addresses, or of those that they resolve to, is accepted and not filtered. */
export async function isDialable(
  components: AddressComponents,
  resolvers: readonly MultiaddrResolver[],
  multiaddrs: readonly Multiaddr[],
  accept: (address: Multiaddr) => boolean,
  options: AddressOptions
): Promise<boolean> {
  const own = ownAddresses(components)
  const isWanted = async (address: Multiaddr): Promise<boolean> =>
    accept(address) && (await filterReason(components, address, undefined, own)) === undefined
  const passes = async (address: Multiaddr): Promise<boolean> => {
    const resolver = resolvers.find(candidate => candidate.canResolve(address))
    if (resolver === undefined) return isWanted(address)
    const found = await resolvedAddresses(components, resolver, address, options)
    for (const { multiaddr } of found) if (await isWanted(multiaddr)) return true
    return false
  }
  const results = await Promise.allSettled(multiaddrs.map(passes))
  return results.some(result => result.status === 'fulfilled' && result.value)
}

/** The address with the peer's id at its end. */
export function withPeer({ multiaddr, isCertified }: Address, peerId: PeerId | undefined): Address {
  if (peerId === undefined) return { multiaddr, isCertified }
  return { multiaddr: encapsulatePeer(multiaddr, peerId.toMultihash().bytes), isCertified }
}

/** An address that nobody signed for. */
export function uncertified(multiaddr: Multiaddr): Address {
  return { multiaddr, isCertified: false }
}

function withoutPeer(address: Multiaddr): string {
  return address.decapsulateCode(CODE_P2P).toString()
}

function notFound(error: Error): undefined {
  if (error.name !== 'NotFoundError') throw error
}
