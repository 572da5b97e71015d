import type { Listener, PeerStore } from '@libp2p/interface'
import type { TransportManager } from '@weft/interface-node'
import { toldAddressesOf } from '@weft/interface-node'
import { multiaddr } from '@weft/multiaddr'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alice, bob, FakeListener, fakeEvents, fakeLogger } from '../../../interface-node/test/fakes.ts'
import { DefaultAddressManager } from './address-manager.ts'
import type { AddressManagerInit } from './options.ts'

const own = `/p2p/${alice.toString()}`
const lan = '/ip4/192.168.1.7/tcp/4001'
const wide = '/ip4/8.8.4.4/tcp/4001'

function create(init: AddressManagerInit = {}, ...addresses: string[]) {
  const listeners = addresses.map(address => {
    const listener = new FakeListener()
    listener.addrs = [multiaddr(address)]
    return listener
  })
  const transportManager = {
    getListeners: (): Listener[] => listeners,
    getAddrs: () => listeners.flatMap(listener => listener.getAddrs())
  } as TransportManager
  const patch = vi.fn(async () => ({}))
  const events = fakeEvents()
  const components = {
    peerId: alice,
    transportManager,
    events,
    logger: fakeLogger(),
    peerStore: { patch } as unknown as PeerStore
  }
  const manager = new DefaultAddressManager(components, init)
  manager.start()
  const texts = (): string[] => manager.getAddresses().map(String)
  const types = (): string[] => manager.getAddressesWithMetadata().map(({ type, verified }) => `${type} ${verified}`)
  return { manager, texts, types, patch, events, listeners }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('own addresses', () => {
  it('are private ones of listeners at once, and public ones when they are verified', () => {
    const { manager, texts } = create({}, lan, wide, '/memory/a')
    expect(texts()).toEqual([lan + own, `/memory/a${own}`])
    manager.confirmObservedAddr(multiaddr(wide + own))
    expect(texts()).toEqual([lan + own, wide + own, `/memory/a${own}`])
    manager.removeObservedAddr(multiaddr(wide))
    expect(texts()).not.toContain(wide + own)
  })

  it('are those configured, in place of or beside the others, with what listeners add', () => {
    const announced = create({ announce: [wide, wide] }, lan)
    announced.listeners[0]!.updateAnnounceAddrs.mockImplementation(list => list.push(multiaddr('/memory/b')))
    expect(announced.texts()).toEqual([wide + own, `/memory/b${own}`])
    // What a listener adds is not kept.
    expect(announced.manager.getAnnounceAddrs()).toHaveLength(1)
    const appended = create({ appendAnnounce: [wide], noAnnounce: [lan] }, lan)
    expect(appended.texts()).toEqual([wide + own])
    const withId = create({ appendAnnounce: [wide], noAnnounce: [wide + own, `${lan}/ipfs/${alice.toString()}`] }, lan)
    expect(withId.texts()).toEqual([])
    const filtered = create({ announceFilter: addresses => addresses.slice(1) }, lan, '/memory/a')
    expect(filtered.texts()).toEqual([`/memory/a${own}`])
  })

  it('end in the own peer id once', () => {
    const relayed = `/ip4/8.8.4.4/tcp/1/p2p/${bob.toString()}/p2p-circuit`
    const { texts } = create({ announce: [wide + own, wide, relayed] })
    expect(texts()).toEqual([wide + own, relayed + own])
  })

  it('names the option that is no multiaddr', () => {
    expect(() => create({ listen: [lan, 'nonsense'] })).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', option: 'addresses.listen[1]' })
    )
    const zeros = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0']
    expect(create({ listen: zeros }).manager.getListenAddrs().map(String)).toEqual(zeros)
  })
})

describe('addresses of peers', () => {
  it('are kept as addresses.acceptPrivate says, and by the verified public addresses of this node', () => {
    const near = multiaddr('/ip4/10.1.1.1/tcp/1')
    const told = (init: AddressManagerInit, remote: string) => {
      const { manager } = create(init, wide)
      manager.confirmObservedAddr(multiaddr(wide))
      return toldAddressesOf(manager).accept([near], { kind: 'connection', remoteAddr: multiaddr(remote) }).length
    }
    const [router, stranger, neighbour] = [
      '/ip4/8.8.4.4/tcp/99',
      '/ip4/8.8.8.8/tcp/1',
      '/ip4/192.168.1.9/tcp/1'
    ] as const
    expect([router, stranger, neighbour].map(remote => told({}, remote))).toEqual([1, 0, 1])
    expect([router, stranger, neighbour].map(remote => told({ acceptPrivate: 'always' }, remote))).toEqual([1, 1, 1])
    expect([router, stranger, neighbour].map(remote => told({ acceptPrivate: 'never' }, remote))).toEqual([0, 0, 0])
    expect(() => create({ acceptPrivate: 'sometimes' as never })).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', option: 'addresses.acceptPrivate' })
    )
  })
})

describe('reported addresses', () => {
  it('count only once they are verified', () => {
    const { manager, texts, types } = create({ addressVerificationTTL: 1000, addressVerificationRetry: 50 })
    vi.setSystemTime(5000)
    manager.addObservedAddr(multiaddr(wide + own))
    expect(manager.getObservedAddrs().map(String)).toEqual([wide])
    expect([texts(), types()]).toEqual([[], ['observed false']])
    manager.confirmObservedAddr(multiaddr(wide))
    expect(manager.getAddressesWithMetadata()).toMatchObject([{ verified: true, expires: 6000, lastVerified: 5000 }])
    manager.removeObservedAddr(multiaddr(wide))
    // Thrown away once, it is not looked at again.
    manager.addObservedAddr(multiaddr(wide))
    expect(types()).toEqual([])
  })

  it('are public, and not more than the limit, however many peers make up', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 }))), reports => {
        const { manager } = create({ maxObservedAddresses: 3 })
        for (const [ip, port] of reports) manager.addObservedAddr(multiaddr(`/ip4/${ip}/tcp/${port}`))
        expect(manager.getObservedAddrs().length).toBeLessThanOrEqual(3)
      })
    )
    const { manager } = create()
    for (const text of [lan, '/ip4/127.0.0.1/tcp/1', '/memory/a', '/dns4/a.example/tcp/1', '/ip6/fe80::1/tcp/1']) {
      manager.addObservedAddr(multiaddr(text))
    }
    for (let i = 0; i < 2000; i++) manager.addObservedAddr(multiaddr(`/ip4/8.8.4.4/tcp/${i + 1}`))
    expect(manager.getObservedAddrs()).toHaveLength(10)
  })

  it('become a router’s mapping if there is one listener of their kind', () => {
    const { manager, texts, types } = create({}, lan, '/ip4/192.168.1.7/udp/4001/quic-v1')
    manager.addObservedAddr(multiaddr(wide))
    manager.confirmObservedAddr(multiaddr(wide))
    expect(types()).toEqual(['transport true', 'transport true', 'ip-mapping true'])
    expect(texts()).toContain(wide + own)
  })
})

describe('mappings', () => {
  it('of a router give external addresses of the listener', () => {
    const { manager, texts, types } = create({}, '/ip4/192.168.1.7/tcp/4001/ws')
    manager.addObservedAddr(multiaddr('/ip4/8.8.4.4/tcp/99/ws'))
    manager.addPublicAddressMapping('192.168.1.7', 4001, '8.8.4.4', 99)
    manager.addPublicAddressMapping('192.168.1.7', 4001, '8.8.4.4', 99)
    manager.addPublicAddressMapping('192.168.1.7', 4001, '2606:4700::1', 99)
    expect(types()).toEqual(['transport true', 'ip-mapping false', 'ip-mapping false'])
    manager.confirmObservedAddr(multiaddr('/ip4/8.8.4.4/tcp/99/ws'))
    manager.confirmObservedAddr(multiaddr('/ip6/2606:4700::1/tcp/99/ws'))
    expect(texts().slice(1)).toEqual([`/ip4/8.8.4.4/tcp/99/ws${own}`, `/ip6/2606:4700::1/tcp/99/ws${own}`])
    manager.removeObservedAddr(multiaddr('/ip4/8.8.4.4/tcp/99/ws'))
    expect(types()).toEqual(['transport true', 'ip-mapping false', 'ip-mapping true'])
    manager.removePublicAddressMapping('192.168.1.7', 4001, '2606:4700::1', 99)
    expect(types()).toEqual(['transport true', 'ip-mapping false'])
  })

  it('of a name replace addresses over TLS by ones with that name', () => {
    const { manager, texts, types } = create({}, '/ip4/8.8.4.4/tcp/99/tls/ws', lan)
    manager.addDNSMapping('a.example', ['8.8.4.4', '192.168.1.7'])
    expect(types()).toEqual(['transport true', 'dns-mapping false'])
    const named = '/ip4/8.8.4.4/tcp/99/tls/sni/a.example/ws'
    manager.confirmObservedAddr(multiaddr(named))
    expect(texts()).toEqual([lan + own, named + own])
    manager.removeObservedAddr(multiaddr(named))
    expect(texts()).toEqual([lan + own])
    manager.removeDNSMapping('a.example')
    expect(types()).toEqual(['transport false', 'transport true'])
  })
})

describe('updates', () => {
  it('store all addresses once, soon after several listeners changed', async () => {
    const { events, patch, manager } = create({}, lan, '/memory/a')
    for (let i = 0; i < 3; i++) events.dispatchEvent(new CustomEvent('transport:listening'))
    await vi.advanceTimersByTimeAsync(100)
    expect(patch).toHaveBeenCalledTimes(1)
    expect(patch).toHaveBeenCalledWith(alice, { multiaddrs: [multiaddr(lan), multiaddr('/memory/a')] })
    manager.confirmObservedAddr(multiaddr(wide), { type: 'observed' })
    manager.confirmObservedAddr(multiaddr(wide))
    await vi.advanceTimersByTimeAsync(100)
    expect(patch).toHaveBeenCalledTimes(2)
  })

  it('tell of announced addresses without a listener, and of nothing after the stop', async () => {
    const { events, patch, manager } = create({ announce: [wide] })
    await vi.advanceTimersByTimeAsync(100)
    expect(patch).toHaveBeenCalledTimes(1)
    events.dispatchEvent(new CustomEvent('transport:listening'))
    manager.stop()
    events.dispatchEvent(new CustomEvent('transport:close'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(patch).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
