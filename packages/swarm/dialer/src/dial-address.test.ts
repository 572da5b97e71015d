import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { byRank } from './core/ranking.ts'
import { dialTargetAddress, transportNameOf } from './dial-address.ts'

const relay = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const seen = (text: string) =>
  dialTargetAddress({ multiaddr: multiaddr(text), isCertified: false }, 'caller', { named: true })

describe('how far an address is', () => {
  it.each([
    ['/ip4/8.8.8.8/tcp/4001', 'public'],
    ['/ip4/1.2.3.4/udp/4001/quic-v1', 'public'],
    ['/ip4/93.184.216.34/tcp/443/tls/ws', 'public'],
    ['/ip4/172.15.0.1/tcp/1', 'public'],
    ['/ip4/172.32.0.1/tcp/1', 'public'],
    ['/ip4/10.0.0.1/tcp/1', 'private'],
    ['/ip4/172.16.0.1/tcp/1', 'private'],
    ['/ip4/192.168.1.1/udp/1/utp', 'private'],
    ['/ip4/100.64.0.1/tcp/1', 'private'],
    ['/ip4/127.0.0.1/tcp/1', 'private'],
    ['/ip4/169.254.1.1/tcp/1', 'private'],
    ['/ip6/2606:4700::1111/tcp/1', 'public'],
    ['/ip6/::1/tcp/1', 'private'],
    ['/ip6/fe80::1/tcp/1', 'private'],
    ['/ip6zone/eth0/ip6/fe80::1/tcp/1', 'private'],
    ['/ip6/fd00::1/tcp/1', 'private'],
    ['/ip6/::ffff:8.8.8.8/tcp/1', 'public'],
    ['/ip6/::ffff:10.0.0.1/tcp/1', 'private'],
    ['/ip6/64:ff9b::8.8.8.8/tcp/1', 'public'],
    ['/ip6/64:ff9b::10.0.0.1/tcp/1', 'private'],
    // cjdns
    ['/ip6/fc12:3456::1/tcp/1', 'public'],
    ['/dns4/example.com/tcp/1', 'public'],
    ['/dns/localhost/tcp/1', 'private'],
    ['/memory/a', 'private'],
    ['/unix/%2Ftmp%2Fa', 'private'],
    [`/ip4/8.8.8.8/tcp/1/p2p/${relay}/p2p-circuit`, 'relay'],
    [`/ip4/127.0.0.1/tcp/1/p2p/${relay}/p2p-circuit`, 'relay'],
    [`/ip4/8.8.8.8/udp/1/quic-v1/p2p/${relay}/p2p-circuit/p2p/${relay}`, 'relay']
  ])('%s is %s', (text, reach) => {
    expect(seen(text).reach).toBe(reach)
  })
})

describe('what is dialed of an address', () => {
  const said = (name: string, tokenClass: string, roundTrips: number) =>
    ({ [Symbol.for('@weft/dial-traits')]: { name, tokenClass, roundTrips } }) as never

  it.each([
    ['/ip4/8.8.8.8/tcp/1', 'tcp', 'fd'],
    ['/ip4/8.8.8.8/tcp/1/ws', 'ws', 'fd'],
    ['/dns4/example.com/tcp/443/tls/ws', 'wss', 'fd'],
    ['/ip4/8.8.8.8/udp/1/quic-v1', 'quic', 'none'],
    ['/ip4/8.8.8.8/udp/1/quic-v1/webtransport', 'webtransport', 'webtransport'],
    ['/ip4/8.8.8.8/udp/1/webrtc-direct', 'webrtc-direct', 'webrtc'],
    [`/ip4/8.8.8.8/tcp/1/p2p/${relay}/p2p-circuit/webrtc`, 'webrtc', 'webrtc'],
    [`/ip4/8.8.8.8/tcp/1/p2p/${relay}/p2p-circuit`, 'relay', 'relay'],
    ['/memory/a', 'memory', 'none'],
    ['/unix/%2Fa', 'unix', 'fd'],
    ['/ip4/8.8.8.8/udp/1/utp', 'other', 'fd']
  ])('%s is of %s and takes a token of %s, where its transport says nothing', (text, name, tokenClass) => {
    expect(transportNameOf(multiaddr(text))).toBe(name)
    expect(seen(text).tokenClass).toBe(tokenClass)
    expect(seen(text).rank).toBeLessThan(1024)
  })

  it('is what its transport says, but for what goes through a relay', () => {
    const address = { multiaddr: multiaddr('/ip4/8.8.8.8/udp/1/utp'), isCertified: false }
    const utp = said('utp', 'none', 3)
    expect(transportNameOf(address.multiaddr, utp)).toBe('utp')
    const known = dialTargetAddress(address, 'caller', { transport: utp })
    expect(known.tokenClass).toBe('none')
    expect([known, dialTargetAddress(address, 'caller'), seen('/ip4/8.8.8.8/tcp/1')].sort(byRank)[1]).toBe(known)
    const circuit = { ...address, multiaddr: multiaddr(`/ip4/8.8.8.8/tcp/1/p2p/${relay}/p2p-circuit`) }
    expect(transportNameOf(circuit.multiaddr, utp)).toBe('relay')
    expect(dialTargetAddress(circuit, 'caller', { transport: utp })).toMatchObject({
      tokenClass: 'relay',
      reach: 'relay'
    })
    // What cannot be counts as nothing said.
    expect(transportNameOf(address.multiaddr, said('x'.repeat(99), 'none', 3))).toBe('other')
  })
})

describe('the order of addresses', () => {
  it.each(['routing', 'discovery', '/dnsaddr/example.com'])(
    'has private ones behind public ones if %s tells them',
    source => {
      const texts = [
        '/ip4/127.0.0.1/tcp/1',
        '/ip4/10.0.0.1/tcp/1',
        '/ip6/::1/udp/1/quic-v1',
        '/memory/a',
        '/ip4/8.8.8.8/tcp/1/ws'
      ]
      const addresses = texts.map(text => dialTargetAddress({ multiaddr: multiaddr(text), isCertified: false }, source))
      expect(addresses.sort(byRank)[0]!.text).toBe('/ip4/8.8.8.8/tcp/1/ws')
      // Beside one another, at the interval of public ones.
      expect(new Set(addresses.map(({ reach }) => reach))).toEqual(new Set(['public']))
      for (const [who, named] of [
        ['peer-store', false],
        [source, true]
      ] as const) {
        const near = dialTargetAddress({ multiaddr: multiaddr(texts[1]!), isCertified: false }, who, { named })
        expect(near.reach).toBe('private')
      }
    }
  )

  it('is near ones, public ones with IPv6 first, relayed ones', () => {
    const order = [
      '/ip4/192.168.1.1/tcp/1',
      '/ip6/2606:4700::1111/udp/1/quic-v1',
      '/ip4/8.8.8.8/udp/1/quic-v1',
      '/ip6/2606:4700::1111/tcp/1',
      '/ip4/8.8.8.8/tcp/1',
      `/ip4/8.8.8.8/tcp/1/p2p/${relay}/p2p-circuit`
    ]
    const sorted = order.toReversed().map(seen).sort(byRank)
    expect(sorted.map(({ text }) => text)).toEqual(order)
  })
})
