import { base58btc } from 'multiformats/bases/base58'
import { expect, it } from 'vitest'
import { encapsulatePeer, multiaddr, p2pBytesOf, p2pOf } from './index.ts'

const peer = 'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'
const relay = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'

it.each([
  [`/ip4/1.2.3.4/tcp/80/p2p/${peer}`, peer],
  [`/ip4/1.2.3.4/tcp/80/p2p/${relay}/p2p-circuit/p2p/${peer}`, peer],
  [`/ip4/1.2.3.4/tcp/80/p2p/${relay}/p2p-circuit`, undefined],
  [`/p2p/${relay}/p2p/${peer}`, peer],
  ['/ip4/1.2.3.4', undefined],
  ['/', undefined]
])('peer of %s', (address, expected) => {
  expect(p2pOf(multiaddr(address))).toBe(expected)
  const id = p2pBytesOf(multiaddr(address))
  expect(id && base58btc.baseEncode(id)).toBe(expected)
})

it.each([
  ['/ip4/1.2.3.4/tcp/80', `/ip4/1.2.3.4/tcp/80/p2p/${peer}`],
  [`/ip4/1.2.3.4/tcp/80/p2p/${relay}`, `/ip4/1.2.3.4/tcp/80/p2p/${relay}`],
  [`/ip4/1.2.3.4/tcp/80/p2p/${relay}/p2p-circuit`, `/ip4/1.2.3.4/tcp/80/p2p/${relay}/p2p-circuit/p2p/${peer}`]
])('%s with a peer', (address, expected) => {
  const id = base58btc.baseDecode(peer)
  expect(encapsulatePeer(multiaddr(address), id).toString()).toBe(expected)
  expect(() => encapsulatePeer(multiaddr('/'), id.subarray(1))).toThrow(/invalid value of \/p2p/)
})
