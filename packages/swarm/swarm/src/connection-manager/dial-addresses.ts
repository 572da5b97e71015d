/** The addresses that a dial tries: the caller's, the peer store's or the routers', resolved, filtered and sorted. */
import type {
  AbortOptions,
  Address,
  AddressSorter,
  ConnectionGater,
  LoggerOptions,
  MultiaddrResolver,
  PeerId,
  PeerRouting,
  PeerStore
} from '@libp2p/interface'
import type { DNS } from '@multiformats/dns'
import { type Multiaddr, p2pBytesOf } from '@weft/multiaddr'
import { NoValidAddressesError } from '../connection-errors.ts'
import type { TransportManager } from '../contracts.ts'
import { defaultAddressSorter } from './address-sorter.ts'
import type { PeerAddress } from './peer-address.ts'

/** What finding addresses needs of the node. */
export interface AddressComponents {
  peerStore: PeerStore
  peerRouting: PeerRouting
  transportManager: TransportManager
  connectionGater: ConnectionGater
  dns?: DNS
}

/** How addresses are found. */
export interface AddressOptions extends AbortOptions, LoggerOptions {
  resolvers: Record<string, MultiaddrResolver>
  addressSorter: AddressSorter | undefined
  /** Addresses in all; what is past it is left out. */
  maximum: number
}

/** The addresses to try, best first. Throws `NoValidAddressesError`, which says why each was left out. */
export async function dialAddresses(
  components: AddressComponents,
  { peerId, multiaddrs }: PeerAddress,
  options: AddressOptions
): Promise<Multiaddr[]> {
  const known = multiaddrs.length > 0 ? multiaddrs.map(uncertified) : await findAddresses(components, peerId, options)
  const resolved = (await Promise.all(known.map(address => resolve(components, address, options)))).flat()
  const chosen = new Map<string, Address>()
  const skipped: Array<{ address: string; reason: string }> = []
  for (const { multiaddr, isCertified } of resolved) {
    const address = withPeer(multiaddr, peerId)
    const text = address.toString()
    const reason = await whyNot(components, address, peerId)
    if (reason !== undefined) skipped.push({ address: text, reason })
    else chosen.set(text, { multiaddr: address, isCertified: isCertified || chosen.get(text)?.isCertified === true })
  }
  if (chosen.size === 0) throw noAddresses(peerId, skipped)
  const sorted = [...chosen.values()].sort(options.addressSorter ?? defaultAddressSorter)
  return sorted.slice(0, options.maximum).map(({ multiaddr }) => multiaddr)
}

async function findAddresses(
  components: AddressComponents,
  peerId: PeerId | undefined,
  options: AddressOptions
): Promise<Address[]> {
  if (peerId === undefined) return []
  const stored = await components.peerStore.get(peerId).catch(notFound)
  if (stored !== undefined && stored.addresses.length > 0) return stored.addresses
  try {
    const { multiaddrs } = await components.peerRouting.findPeer(peerId, options)
    return multiaddrs.map(uncertified)
  } catch (error) {
    options.signal?.throwIfAborted()
    options.log('no router knows %p - %e', peerId, error)
    return []
  }
}

async function resolve({ dns }: AddressComponents, address: Address, options: AddressOptions): Promise<Address[]> {
  const resolver = Object.values(options.resolvers).find(candidate => candidate.canResolve(address.multiaddr))
  if (resolver === undefined) return [address]
  const { signal, log } = options
  const found = await resolver.resolve(address.multiaddr, {
    log,
    ...(signal === undefined ? {} : { signal }),
    ...(dns === undefined ? {} : { dns })
  })
  return found.map(uncertified)
}

async function whyNot(
  { transportManager, connectionGater }: AddressComponents,
  address: Multiaddr,
  peerId: PeerId | undefined
): Promise<string | undefined> {
  const id = p2pBytesOf(address)
  if (peerId !== undefined && id !== undefined && !peerId.equals(id)) return 'it is an address of another peer'
  if (transportManager.dialTransportForMultiaddr(address) === undefined) return 'no transport can dial it'
  if ((await connectionGater.denyDialMultiaddr?.(address)) === true) return 'the connection gater denied it'
  return undefined
}

function noAddresses(peerId: PeerId | undefined, skipped: ReadonlyArray<{ address: string; reason: string }>): Error {
  const whom = peerId === undefined ? 'the dial' : peerId.toString()
  const why =
    skipped.length === 0 ? 'none is known' : skipped.map(({ address, reason }) => `${address}: ${reason}`).join('; ')
  return new NoValidAddressesError(`no address of ${whom} can be dialed: ${why}`, { facts: { skipped } })
}

function withPeer(address: Multiaddr, peerId: PeerId | undefined): Multiaddr {
  return peerId === undefined || p2pBytesOf(address) !== undefined
    ? address
    : address.encapsulate(`/p2p/${peerId.toString()}`)
}

function uncertified(multiaddr: Multiaddr): Address {
  return { multiaddr, isCertified: false }
}

function notFound(error: Error): undefined {
  if (error.name !== 'NotFoundError') throw error
}
