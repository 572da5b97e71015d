// What kind an IP address is. Blocks are of the IANA special-purpose registries (RFC 6890 and its updates).
import { type Cidr, cidrContains, parseCidr } from './cidr.ts'
import { type IpSource, ipBytes } from './ip-source.ts'
import { isMultiaddr } from './multiaddr.ts'
import { tryGetNetConfig } from './net-config.ts'

export type { IpSource } from './ip-source.ts'

const loopback = blocks('127.0.0.0/8', '::1/128')
const linkLocal = blocks('169.254.0.0/16', 'fe80::/10')
const unspecified = blocks('0.0.0.0/32', '::/128')
const globalUnicast = blocks('2000::/3')
const nat64 = parseCidr('64:ff9b::/96')

const notPublic = [
  ...loopback,
  ...linkLocal,
  ...blocks(
    '0.0.0.0/8', // this network
    '10.0.0.0/8',
    '100.64.0.0/10', // shared address space of carriers
    '172.16.0.0/12',
    '192.0.0.0/24', // protocol assignments
    '192.0.2.0/24', // documentation
    '192.31.196.0/24', // AS112
    '192.52.193.0/24', // AMT
    '192.88.99.0/24', // 6to4 relays
    '192.168.0.0/16',
    '192.175.48.0/24', // AS112
    '198.18.0.0/15', // benchmarks
    '198.51.100.0/24', // documentation
    '203.0.113.0/24', // documentation
    '240.0.0.0/4', // reserved, and broadcast
    '::/128',
    '64:ff9b:1::/48', // local translation
    '100::/64', // discard
    '2001::/32', // Teredo
    '2001:20::/28', // ORCHIDv2
    '2001:db8::/32', // documentation
    '2002::/16', // 6to4
    'fc00::/7', // unique local
    'ff00::/8' // multicast
  )
]

/** 127.0.0.0/8 and ::1. */
export function isLoopback(ip: IpSource): boolean {
  return isIn(loopback, ip)
}

/** 169.254.0.0/16 and fe80::/10. */
export function isLinkLocal(ip: IpSource): boolean {
  return isIn(linkLocal, ip)
}

/** 0.0.0.0 and ::, which a listener takes for every interface. */
export function isUnspecified(ip: IpSource): boolean {
  return isIn(unspecified, ip)
}

/** Of the one block from which public IPv6 addresses are given, 2000::/3 (RFC 4291 section 2.4). False for IPv4. */
export function isGlobalUnicast(ip: IpSource): boolean {
  return isIn(globalUnicast, ip)
}

/**
 * Whether the address cannot be reached over the public Internet: private, local, reserved or documentation blocks, and
 * the name `localhost`. An address that carries an IPv4 one (IPv4-mapped, or NAT64, RFC 6052) is judged by that. False
 * for other names and for what has no host.
 */
export function isPrivate(ip: IpSource): boolean {
  const bytes = ipBytes(ip)
  if (bytes !== undefined) return isIn(notPublic, cidrContains(nat64, bytes) ? bytes.subarray(12) : bytes)
  return isMultiaddr(ip) && tryGetNetConfig(ip)?.host === 'localhost'
}

function isIn(list: readonly Cidr[], ip: IpSource): boolean {
  const bytes = ipBytes(ip)
  return bytes !== undefined && list.some(block => cidrContains(block, bytes))
}

function blocks(...texts: string[]): Cidr[] {
  return texts.map(text => parseCidr(text))
}
