import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { byRank } from './core/ranking.ts'
import { dialTargetAddress } from './dial-address.ts'

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
