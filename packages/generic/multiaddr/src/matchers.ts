/**
 * Which transport an address is for. An address matches as a whole, by the names of its components in order, with an
 * optional peer id at the end; values do not count.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { readSpans } from './codec.ts'
import { bytesOf } from './multiaddr.ts'

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

/** Tells whether a whole address is of one kind. */
export type Matcher = (address: Multiaddr) => boolean

function matcher(...parts: string[]): Matcher {
  const pattern = new RegExp(`^${parts.join('')}$`)
  return address => pattern.test(namesOf(address))
}

function namesOf(address: Multiaddr): string {
  let names = ''
  for (const { protocol } of readSpans(bytesOf(address))) names += `/${protocol.name}`
  return names
}
