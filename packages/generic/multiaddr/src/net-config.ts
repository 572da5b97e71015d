import type { Multiaddr } from '@multiformats/multiaddr'
import { concat, encodeVarint } from '@weft/bytes'
import { InvalidParametersError } from '@weft/errors'
import {
  CODE_DNS,
  CODE_DNS4,
  CODE_DNS6,
  CODE_DNSADDR,
  CODE_IP4,
  CODE_IP6,
  CODE_IP6ZONE,
  CODE_IPCIDR,
  CODE_SNI,
  CODE_TCP,
  CODE_TLS,
  CODE_UDP
} from './codes.ts'
import { bytesFromComponents, readSpans, spanValue } from './codec.ts'
import { parseIp } from './ip.ts'
import { bytesOf, multiaddr } from './multiaddr.ts'

/** How the host of an address is written. */
export type HostType = 'ip4' | 'ip6' | 'dns' | 'dns4' | 'dns6' | 'dnsaddr'

/** What a socket needs of an address: its host, and what follows it at once. */
export interface NetConfig {
  /** How the host is written, which is the name of its protocol. */
  type: HostType
  /** IP address or domain name, as the address has it. */
  host: string
  /** What follows the host; absent where that is something else, or nothing. */
  protocol?: 'tcp' | 'udp'
  /** 0 to 65535; there if `protocol` is. */
  port?: number
  /** Zone of an IPv6 address, without "%". */
  zone?: string
  /** Leading bits of the host that name a network. */
  cidr?: number
  /** Server name of `/tls/sni/...` behind the port. */
  sni?: string
}

const hostTypes = new Map<number, HostType>([
  [CODE_IP4, 'ip4'],
  [CODE_IP6, 'ip6'],
  [CODE_DNS, 'dns'],
  [CODE_DNS4, 'dns4'],
  [CODE_DNS6, 'dns6'],
  [CODE_DNSADDR, 'dnsaddr']
])

/** Host, port and what belongs to them. Throws `InvalidParametersError` if the address begins with no host. */
export function getNetConfig(address: Multiaddr): NetConfig {
  const config = tryGetNetConfig(address)
  if (config === undefined)
    throw new InvalidParametersError(`${address.toString()} begins with no IP address or domain name`)
  return config
}

/** As `getNetConfig`, or undefined if the address begins with no host. */
export function tryGetNetConfig(address: Multiaddr): NetConfig | undefined {
  const bytes = bytesOf(address)
  const spans = readSpans(bytes)
  let at = 0
  const take = (code: number): string | undefined => {
    const span = spans[at]
    if (span?.protocol.code !== code) return undefined
    at++
    return spanValue(span, bytes)
  }
  const zone = take(CODE_IP6ZONE)
  const type = hostTypes.get(spans[at]?.protocol.code ?? -1)
  if (type === undefined) return undefined
  const config: NetConfig = { type, host: take(spans[at]!.protocol.code)! }
  if (zone !== undefined) config.zone = zone
  // The mask stands behind the host; js-libp2p writes it behind the port.
  let cidr = take(CODE_IPCIDR)
  for (const [protocol, code] of [['tcp', CODE_TCP] as const, ['udp', CODE_UDP] as const]) {
    const port = config.protocol === undefined ? take(code) : undefined
    if (port !== undefined) Object.assign(config, { protocol, port: Number(port) })
  }
  cidr ??= take(CODE_IPCIDR)
  if (cidr !== undefined) config.cidr = Number(cidr)
  if (spans[at]?.protocol.code === CODE_TLS) {
    at++
    const sni = take(CODE_SNI)
    if (sni !== undefined) config.sni = sni
  }
  return config
}

/** Whether the address begins with an IP address or a domain name. */
export function isNetworkAddress(address: Multiaddr): boolean {
  const [first, second] = readSpans(bytesOf(address))
  const host = first?.protocol.code === CODE_IP6ZONE ? second : first
  return hostTypes.has(host?.protocol.code ?? -1)
}

/** The address of host and port alone, with another port or host where given. Throws `InvalidMultiaddrError`. */
export function netConfigToMultiaddr(config: NetConfig, port?: number | string, host?: string): Multiaddr {
  let text = config.zone === undefined ? '' : `/ip6zone/${config.zone}`
  text += `/${config.type}/${host ?? config.host}`
  if (config.cidr !== undefined) text += `/ipcidr/${config.cidr}`
  const usedPort = port ?? config.port
  if (config.protocol !== undefined && usedPort !== undefined) text += `/${config.protocol}/${usedPort}`
  return multiaddr(text)
}

/** `/ip4/.../tcp/...` of an IP address as text and a port. Throws `InvalidParametersError` or `InvalidMultiaddrError`. */
export function ipPortToMultiaddr(ip: string, port: number | string, protocol: 'tcp' | 'udp' = 'tcp'): Multiaddr {
  const host = parseIp(ip)
  if (host === undefined) throw new InvalidParametersError('the host is no IP address')
  const code = protocol === 'tcp' ? CODE_TCP : CODE_UDP
  const rest = bytesFromComponents([{ code, name: protocol, value: `${port}` }])
  return multiaddr(concat([encodeVarint(host.length === 4 ? CODE_IP4 : CODE_IP6), host, rest]))
}
