import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { type AcceptPrivate, type Teller, ToldAddressFilter, toldAddressesOf } from './told-addresses.ts'

const relay = '/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit'
const told: Record<string, string> = {
  memory: '/memory/a',
  unix: '/unix/%2Ftmp%2Fa',
  loopback: '/ip4/127.0.0.1/tcp/1',
  loopback6: '/ip6/::1/tcp/1',
  mapped: '/ip6/::ffff:127.0.0.1/tcp/1',
  unspecified: '/ip4/0.0.0.0/tcp/1',
  localhost: '/dns4/LOCALHOST/tcp/1',
  'link-local': '/ip4/169.254.1.1/tcp/1',
  'link-local6': '/ip6zone/eth0/ip6/fe80::1/tcp/1',
  private: '/ip4/192.168.1.1/tcp/1',
  carrier: '/ip4/100.64.0.1/tcp/1',
  private6: '/ip6/fd00::1/tcp/1',
  'loopback relay': `/ip4/127.0.0.1/tcp/1${relay}`,
  public: '/ip4/8.8.8.8/tcp/1',
  public6: '/ip6/2606:4700::1111/tcp/1',
  name: '/dns4/example.com/tcp/1',
  'public relay': `/ip4/8.8.8.8/tcp/1${relay}`
}
const always = ['public', 'public6', 'name', 'public relay']
const privates = ['private', 'carrier', 'private6']
const loopbacks = ['loopback', 'loopback6', 'mapped', 'unspecified', 'localhost', 'loopback relay']
const linkLocals = ['link-local', 'link-local6']

const over = (remoteAddr: string): Teller => ({ kind: 'connection', remoteAddr: multiaddr(remoteAddr) })
const routers = (...connections: string[]): Teller => ({
  kind: 'routers',
  connections: connections.map(text => multiaddr(text))
})
const mdns: Teller = { kind: 'mdns' }

function kept(teller: Teller, acceptPrivate?: AcceptPrivate, own: string[] = []): string[] {
  const filter = new ToldAddressFilter({ getAddresses: () => own.map(text => multiaddr(text)) }, acceptPrivate)
  const accepted = filter.accept(
    Object.values(told).map(text => multiaddr(text)),
    teller
  )
  return Object.keys(told).filter(name =>
    accepted.some(address => address.toString() === multiaddr(told[name]!).toString())
  )
}

describe('addresses that remotes tell', () => {
  it.each<[string, Teller, string[]]>([
    ['a public remote', over('/ip4/9.9.9.9/tcp/1'), []],
    ['a public remote over IPv6', over('/ip6/2620:fe::fe/tcp/1'), []],
    ['a remote at a name', over('/dns4/example.org/tcp/1'), []],
    ['a private remote', over('/ip4/10.1.1.1/tcp/1'), privates],
    ['a remote of this link', over('/ip6/fe80::2/tcp/1'), [...linkLocals, ...privates]],
    ['a remote of this machine', over('/ip4/127.0.0.1/tcp/50000'), [...loopbacks, ...privates]],
    ['a remote of this process', over('/memory/b'), ['memory', ...privates]],
    ['a remote at a unix socket', over('/unix/%2Ftmp%2Fb'), ['unix', ...privates]],
    ['the peer behind a relay', over(`/ip4/9.9.9.9/tcp/1${relay}`), privates],
    ['the peer behind a relay of this machine', over(`/ip4/127.0.0.1/tcp/9${relay}`), privates],
    ['neighbours by mDNS', mdns, [...linkLocals, ...privates]],
    ['routers of a node without connections', routers(), []],
    ['routers of a node in the open network', routers('/ip4/9.9.9.9/tcp/1', `/ip4/10.0.0.1/tcp/1${relay}`), []],
    ['routers of a node in a private network', routers('/ip4/9.9.9.9/tcp/1', '/ip4/10.1.1.1/tcp/1'), privates],
    ['routers of a node on this machine', routers('/ip4/127.0.0.1/tcp/7'), [...loopbacks, ...privates]]
  ])('are, told by %s, public ones and those of its kind', (_who, teller, also) => {
    expect(kept(teller).toSorted()).toEqual([...always, ...also].toSorted())
    expect(kept(teller, 'never').toSorted()).toEqual(
      [...always, ...also.filter(name => !privates.includes(name))].toSorted()
    )
    const rest = also.filter(name => !privates.includes(name))
    expect(kept(teller, 'always').toSorted()).toEqual([...always, ...privates, ...rest].toSorted())
  })

  it('may be private if the remote is behind the same router', () => {
    const teller = over('/ip4/9.9.9.9/tcp/40000')
    expect(kept(teller, undefined, ['/ip4/9.9.9.9/tcp/4001'])).toEqual(expect.arrayContaining(privates))
    expect(kept(teller, undefined, ['/ip4/9.9.9.8/tcp/4001', `/ip4/9.9.9.9/tcp/1${relay}`])).toEqual(always)
  })

  it('are kept where one is the address of the connection', () => {
    const peer = '/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'
    const teller = over(`/ip4/127.0.0.1/tcp/1${relay}${peer}`)
    expect(kept(teller)).toContain('loopback relay')
  })

  it('are private ones of peers behind relays at a rate', () => {
    let now = 0
    const filter = new ToldAddressFilter({ getAddresses: () => [] }, 'from-private', () => now)
    const list = (): Multiaddr[] => Array.from({ length: 100 }, (_, i) => multiaddr(`/ip4/10.0.0.1/tcp/${i}`))
    expect(filter.accept(list(), over(`/ip4/9.9.9.9/tcp/1${relay}`))).toHaveLength(32)
    now += 5000
    expect(filter.accept(list(), over(`/ip4/8.8.8.8/tcp/1${relay}`))).toHaveLength(5)
    expect(filter.accept(list(), over('/ip4/10.0.0.2/tcp/1'))).toHaveLength(100)
  })

  it('have one rule for each address manager', () => {
    const manager = { getAddresses: () => [] }
    expect(toldAddressesOf(manager)).toBe(toldAddressesOf(manager))
    const own = new ToldAddressFilter(manager, 'always')
    const withOwn = { ...manager, [Symbol.for('@weft/told-addresses')]: own }
    expect(toldAddressesOf(withOwn)).toBe(own)
  })
})
