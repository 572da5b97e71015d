import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidParametersError } from '@weft/errors'
import { parseIp } from './ip.ts'
import { type IpSource, ipBytes, unmapIp } from './ip-source.ts'
import { isMultiaddr, multiaddr } from './multiaddr.ts'
import { tryGetNetConfig } from './net-config.ts'

/** A block of IP addresses: those that share their first bits (RFC 4632; RFC 4291 section 2.3). */
export interface Cidr {
  /** 4 or 16 bytes. */
  readonly network: Uint8Array
  /** Bits that count, 0 to 32 or 128. */
  readonly prefix: number
}

/**
 * A block from `10.0.0.0/8`, `fc00::/7`, a lone IP address, or an address as `/ip4/10.0.0.0/ipcidr/8`. Bits behind the
 * prefix are ignored. A block of IPv4-mapped IPv6 addresses is the block of IPv4. Throws `InvalidParametersError`.
 */
export function parseCidr(block: string | Multiaddr): Cidr {
  const [host, bits] = isMultiaddr(block) || block.startsWith('/') ? fromMultiaddr(block) : fromText(block)
  const network = host === undefined ? undefined : parseIp(host)
  const prefix = bits ?? (network?.length ?? 0) * 8
  if (network === undefined || !(prefix <= network.length * 8)) {
    throw new InvalidParametersError(`${block.toString()} is no block of IP addresses`)
  }
  const unmapped = unmapIp(network)
  if (unmapped.length === network.length || prefix < 96) return { network, prefix }
  return { network: unmapped, prefix: prefix - 96 }
}

/**
 * Whether an IP address lies in the block. An IPv4-mapped IPv6 address counts as the IPv4 address that it is, so that
 * it does not get around a rule. What is no IP address lies in no block.
 */
export function cidrContains(cidr: Cidr, ip: IpSource): boolean {
  const bytes = ipBytes(ip)
  return bytes !== undefined && (matches(cidr, unmapIp(bytes)) || matches(cidr, bytes))
}

function matches({ network, prefix }: Cidr, bytes: Uint8Array): boolean {
  if (bytes.length !== network.length) return false
  for (let i = 0, bits = prefix; bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 0xff : (0xff00 >> bits) & 0xff
    if (((bytes[i]! ^ network[i]!) & mask) !== 0) return false
  }
  return true
}

type HostAndBits = [host: string | undefined, bits: number | undefined]

function fromMultiaddr(block: string | Multiaddr): HostAndBits {
  const config = tryGetNetConfig(multiaddr(block))
  return [config?.host, config?.cidr]
}

function fromText(block: string): HostAndBits {
  const [host, bits, ...rest] = block.split('/')
  if (rest.length > 0) return [undefined, undefined]
  if (bits === undefined) return [host, undefined]
  return [host, /^[0-9]{1,3}$/.test(bits) ? Number(bits) : Number.NaN]
}
