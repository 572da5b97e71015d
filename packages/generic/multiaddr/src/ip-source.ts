import type { Multiaddr } from '@multiformats/multiaddr'
import { CODE_IP4, CODE_IP6, CODE_IP6ZONE } from './codes.ts'
import { readSpan } from './codec.ts'
import { parseIp } from './ip.ts'
import { bytesOf } from './multiaddr.ts'

/** An IP address: as text, as 4 or 16 bytes, or as the host of a multiaddr. */
export type IpSource = string | Uint8Array | Multiaddr

/** The 4 or 16 bytes, or undefined for what is no IP address. */
export function ipBytes(source: IpSource): Uint8Array | undefined {
  if (typeof source === 'string') return parseIp(source)
  if (source instanceof Uint8Array) return source.length === 4 || source.length === 16 ? source : undefined
  const bytes = bytesOf(source)
  if (bytes.length === 0) return undefined
  let span = readSpan(bytes, 0)
  if (span.protocol.code === CODE_IP6ZONE && span.end < bytes.length) span = readSpan(bytes, span.end)
  if (span.protocol.code !== CODE_IP4 && span.protocol.code !== CODE_IP6) return undefined
  return bytes.subarray(span.valueStart, span.end)
}

/** The IPv4 address in an IPv4-mapped IPv6 address (`::ffff:0:0/96`, RFC 4291 section 2.5.5.2); others as they are. */
export function unmapIp(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 16) return bytes
  for (let i = 0; i < 12; i++) {
    if (bytes[i] !== (i < 10 ? 0 : 0xff)) return bytes
  }
  return bytes.subarray(12)
}
