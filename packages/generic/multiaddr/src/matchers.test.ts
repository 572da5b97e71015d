import { expect, it } from 'vitest'
import * as all from './index.ts'
import { type Multiaddr, multiaddr } from './index.ts'

const peer = 'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'
const relay = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const hash = '/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ'

// An address, and the names of all matchers that take it.
const table: Array<[address: string, matchers: string]> = [
  ['/ip4/1.2.3.4', 'isIp'],
  ['/ip6zone/a/ip6/fe80::1/ipcidr/8', 'isIp'],
  ['/dns/a', 'isDns'],
  ['/dnsaddr/a', 'isDns isDnsaddr'],
  [`/dnsaddr/a/p2p/${peer}`, 'isDns isDnsaddr'],
  ['/ip4/1.2.3.4/tcp/80', 'isTcp'],
  [`/ip6/::1/tcp/80/p2p/${peer}`, 'isTcp'],
  ['/dnsaddr/a/tcp/80', 'isTcp'],
  ['/ip4/1.2.3.4/tcp/80/tls', ''],
  ['/tcp/80', ''],
  ['/ip4/1.2.3.4/udp/80', 'isUdp'],
  ['/ip4/1.2.3.4/udp/80/utp', 'isUtp'],
  ['/ip4/1.2.3.4/udp/80/udt', 'isUdt'],
  ['/ip4/1.2.3.4/udp/80/quic-v1', 'isQuicV1'],
  [`/ip4/1.2.3.4/udp/80/quic-v1/webtransport${hash}${hash}`, 'isWebTransport'],
  [`/ip4/1.2.3.4/udp/80/webrtc-direct${hash}/p2p/${peer}`, 'isWebRTCDirect'],
  ['/ip4/1.2.3.4/tcp/80/ws', 'isWebSocket'],
  ['/dns4/a/tcp/80/wss', 'isWebSocket isWebSocketSecure'],
  ['/dns4/a/tcp/80/tls/ws', 'isWebSocket isWebSocketSecure'],
  [`/dns4/a/tcp/80/tls/sni/b/ws/p2p/${peer}`, 'isWebSocket isWebSocketSecure'],
  ['/unix/%2Ftmp%2Fx', 'isUnix'],
  [`/memory/1/p2p/${peer}`, 'isMemory'],
  ['/memory/1/tcp/80', ''],
  ['/p2p-circuit', 'isCircuit'],
  [`/p2p/${relay}/p2p-circuit/p2p/${peer}`, 'isCircuit'],
  [`/ip4/1.2.3.4/tcp/80/tls/ws/p2p/${relay}/p2p-circuit/p2p/${peer}`, 'isCircuit'],
  [`/ip4/1.2.3.4/udp/80/quic-v1/p2p/${relay}/p2p-circuit`, 'isCircuit'],
  [`/ip4/1.2.3.4/tcp/80/p2p/${relay}/p2p-circuit/webrtc/p2p/${peer}`, 'isWebRTC'],
  [`/memory/1/p2p/${relay}/p2p-circuit`, 'isCircuit'],
  ['/ip4/1.2.3.4/udp/80/p2p-circuit', ''],
  ['/webrtc', 'isWebRTC'],
  [`/p2p/${peer}`, ''],
  ['/', '']
]

it.each(table)('%s is %s', (address, expected) => {
  const matchers = Object.entries(all).filter(([name]) => /^is(?!Multiaddr|Network|Private|L|Unsp|Global)/.test(name))
  const found = matchers.filter(([, match]) => (match as (address: Multiaddr) => boolean)(multiaddr(address)))
  expect(found.map(([name]) => name).sort()).toEqual(expected === '' ? [] : expected.split(' '))
})
