/** Addresses of peers: which kinds a DHT uses, and from which network they are. */
import type { PeerInfo } from '@libp2p/interface'
import { addressClassOf, isCircuit, type Multiaddr, multiaddr, parseIp, tryGetNetConfig } from '@weft/multiaddr'

/** Changes what is told of a peer, or takes addresses out, before it is used or told on. */
export type PeerInfoMapper = (peer: PeerInfo) => PeerInfo

const isPublic = (address: Multiaddr): boolean => addressClassOf(address) === 'public'
const isNotPublic = (address: Multiaddr): boolean => !isPublic(address)

/** Keeps public addresses: for the DHT of the internet. */
export function removePrivateAddressesMapper(peer: PeerInfo): PeerInfo {
  return { ...peer, multiaddrs: peer.multiaddrs.filter(isPublic) }
}

/** Keeps addresses of this machine and its networks: for a DHT of the local network. */
export function removePublicAddressesMapper(peer: PeerInfo): PeerInfo {
  return { ...peer, multiaddrs: peer.multiaddrs.filter(isNotPublic) }
}

/** Keeps all addresses. */
export function passthroughMapper(peer: PeerInfo): PeerInfo {
  return peer
}

/** What a mapper keeps, where it does not ask who the peer is: most peers that are heard of need no id. */
export function filterOf(mapper: PeerInfoMapper): ((addresses: Multiaddr[]) => Multiaddr[]) | undefined {
  if (mapper === passthroughMapper) return addresses => addresses
  if (mapper === removePrivateAddressesMapper) return addresses => addresses.filter(isPublic)
  return mapper === removePublicAddressesMapper ? addresses => addresses.filter(isNotPublic) : undefined
}

/** Whether an address can be dialed from everywhere and without a relay: what a server of the internet needs. */
export function isPubliclyDialable(address: Multiaddr): boolean {
  return addressClassOf(address) === 'public' && !isCircuit(address)
}

/**
 * The network of a public address, for the diversity of the table: /16 of IPv4 and /32 of IPv6, what one operator gets easily.
 * None for others: a local network has one group only.
 */
export function ipGroupOf(address: Multiaddr): string | undefined {
  if (addressClassOf(address) !== 'public') return undefined
  const host = tryGetNetConfig(address)
  if (host === undefined || (host.type !== 'ip4' && host.type !== 'ip6')) return undefined
  const ip = parseIp(host.host)
  if (ip === undefined) return undefined
  return ip.byteLength === 4 ? `4:${ip.subarray(0, 2).join('.')}` : `6:${ip.subarray(0, 4).join('.')}`
}

/** Those that can be read. An address of a protocol that is not known here is left out. */
export function readAddresses(addresses: readonly Uint8Array[]): Multiaddr[] {
  const read: Multiaddr[] = []
  for (const bytes of addresses) {
    try {
      read.push(multiaddr(bytes))
    } catch {
      continue
    }
  }
  return read
}
