/**
 * Which transport an address is for. An address matches as a whole, by the names of its components in order, with an
 * optional peer id at the end; values do not count.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { concat, encodeVarint } from '@weft/bytes'
import { CODE_P2P, CODE_P2P_CIRCUIT } from './codes.ts'
import { readSpans, type Span, spanValue } from './codec.ts'
import { bytesOf, multiaddr } from './multiaddr.ts'

const ip = '(?:/ip4(?:/ipcidr)?|(?:/ip6zone)?/ip6(?:/ipcidr)?)'
const dns = '/dns(?:4|6|addr)?'
const host = `(?:${ip}|${dns})`
const p2p = '(?:/p2p)?'
const certhashes = '(?:/certhash){0,2}'
const tls = '/tls(?:/sni)?'
const udp = `${host}/udp`
const webSocket = `${host}(?:/tcp|/udp)?(?:${tls}/ws|/wss|/ws)`
const direct = [
  `${host}(?:/tcp)?`,
  `${udp}/(?:quic|quic-v1|utp|udt)`,
  webSocket,
  `${udp}/webrtc-direct${certhashes}`,
  `${udp}/quic-v1/webtransport${certhashes}`,
  '/unix',
  '/memory'
].join('|')
const relay = `(?:(?:${direct})${p2p}|/p2p)`

/** An IP address alone. */
export const isIp: Matcher = matcher(ip)
/** A domain name alone. */
export const isDns: Matcher = matcher(dns, p2p)
/** `/dnsaddr/...`, alone or with the peer that is looked for. */
export const isDnsaddr: Matcher = matcher('/dnsaddr', p2p)
/** `/ip4/.../tcp/...`, or with another host. */
export const isTcp: Matcher = matcher(host, '/tcp', p2p)
/** `/ip4/.../udp/...`, or with another host. */
export const isUdp: Matcher = matcher(udp, p2p)
/** `.../udp/.../utp`. */
export const isUtp: Matcher = matcher(udp, '/utp', p2p)
/** `.../udp/.../udt`. */
export const isUdt: Matcher = matcher(udp, '/udt', p2p)
/** `/unix/...`. */
export const isUnix: Matcher = matcher('/unix', p2p)
/** `/memory/...`. */
export const isMemory: Matcher = matcher('/memory', p2p)
/** `.../tcp/.../ws`, or one of the secure ones. */
export const isWebSocket: Matcher = matcher(webSocket, p2p)
/** `.../tcp/.../tls/ws`, `.../tls/sni/.../ws` or `.../wss`. */
export const isWebSocketSecure: Matcher = matcher(host, `(?:/tcp|/udp)?(?:${tls}/ws|/wss)`, p2p)
/** `.../udp/.../quic-v1`. */
export const isQuicV1: Matcher = matcher(udp, '/quic-v1', p2p)
/** `.../udp/.../quic-v1/webtransport/certhash/...`. */
export const isWebTransport: Matcher = matcher(udp, '/quic-v1/webtransport', certhashes, p2p)
/** `.../udp/.../webrtc-direct/certhash/...`. */
export const isWebRTCDirect: Matcher = matcher(udp, '/webrtc-direct', certhashes, p2p)
/** `.../p2p-circuit/webrtc`, or `/webrtc` behind a relay that is not named. */
export const isWebRTC: Matcher = matcher(`(?:${relay}(?:/p2p-circuit)?)?/webrtc`, p2p)
/** `.../p2p/.../p2p-circuit`, and no other transport over it. */
export const isCircuit: Matcher = matcher(`${relay}?/p2p-circuit`, p2p)

const p2pCode = encodeVarint(CODE_P2P)

/** Tells whether a whole address is of one kind. */
export type Matcher = (address: Multiaddr) => boolean

/**
 * The peer that an address leads to, as base58btc: the last `/p2p` behind the last `/p2p-circuit`, so never the relay;
 * undefined if there is none.
 */
export function p2pOf(address: Multiaddr): string | undefined {
  const bytes = bytesOf(address)
  const span = p2pSpan(bytes)
  return span === undefined ? undefined : spanValue(span, bytes)
}

/** The same as the bytes of a multihash, a view of the address: without the cost of base58btc. */
export function p2pBytesOf(address: Multiaddr): Uint8Array | undefined {
  const bytes = bytesOf(address)
  const span = p2pSpan(bytes)
  return span === undefined ? undefined : bytes.subarray(span.valueStart, span.end)
}

/**
 * The address with a peer's id at its end, itself where it leads to a peer already (`p2pOf`). `id` are the bytes of the id's
 * multihash. Throws `InvalidMultiaddrError` if they are none, or the whole is too long.
 */
export function encapsulatePeer(address: Multiaddr, id: Uint8Array): Multiaddr {
  if (p2pBytesOf(address) !== undefined) return address
  return address.encapsulate(multiaddr(concat([p2pCode, encodeVarint(id.byteLength), id])))
}

function p2pSpan(bytes: Uint8Array): Span | undefined {
  const last = readSpans(bytes).findLast(
    ({ protocol }) => protocol.code === CODE_P2P || protocol.code === CODE_P2P_CIRCUIT
  )
  return last?.protocol.code === CODE_P2P ? last : undefined
}

function matcher(...parts: string[]): Matcher {
  const pattern = new RegExp(`^${parts.join('')}$`)
  return address => pattern.test(namesOf(address))
}

function namesOf(address: Multiaddr): string {
  let names = ''
  for (const { protocol } of readSpans(bytesOf(address))) names += `/${protocol.name}`
  return names
}
