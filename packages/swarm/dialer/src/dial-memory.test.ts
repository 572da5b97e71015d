import type { Connection, PeerId, PeerStore } from '@libp2p/interface'
import { toUtf8 } from '@weft/bytes'
import { EventEmitter } from '@weft/events'
import { multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { persistentPeerStore } from '@weft/peer-store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alice, bob, carol, fakeLogger } from '../../interface-node/test/fakes.ts'
import { DialMemory, lastDialFailure, lastDialSuccess } from './dial-memory.ts'

const address = multiaddr('/ip4/8.8.8.8/tcp/1')

function world(): { memory: DialMemory; store: PeerStore; knows: (peer: PeerId) => Promise<string[]> } {
  const store = persistentPeerStore({ peerId: carol, events: new EventEmitter() as never, logger: fakeLogger() })
  const memory = new DialMemory(store, fakeLogger().forComponent('test'))
  const knows = async (peer: PeerId): Promise<string[]> =>
    (await store.has(peer)) ? [...(await store.get(peer)).metadata.keys()] : ['nothing']
  return { memory, store, knows }
}

/** A peer of its number. */
function named(n: number): PeerId {
  return peerIdFromMultihashBytes(Uint8Array.of(0x12, 32, n >> 8, n & 0xff, ...new Uint8Array(30)))
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('what is remembered of dials', () => {
  it('is the address and the time of one that succeeded', async () => {
    const { memory, store } = world()
    await memory.succeeded({ remotePeer: bob, remoteAddr: address } as Connection)
    const { addresses, metadata } = await store.get(bob)
    expect(addresses.map(({ multiaddr: stored }) => stored.toString())).toEqual([address.toString()])
    expect(toUtf8(metadata.get(lastDialSuccess)!)).toBe(Date.now().toString())
  })

  it('is that a known peer failed, for as long as the peer is known', async () => {
    const { memory, store, knows } = world()
    await store.merge(bob, { multiaddrs: [address] })
    await memory.failed(bob, performance.now() + 5000)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await knows(bob)).toEqual([lastDialFailure])
  })

  it('is that an unknown peer failed until its back-off ends, and no longer', async () => {
    const { memory, knows } = world()
    await memory.failed(bob, performance.now() + 5000)
    await memory.failed(alice, performance.now() + 300_000)
    await vi.advanceTimersByTimeAsync(4900)
    expect([await knows(bob), await knows(alice)]).toEqual([[lastDialFailure], [lastDialFailure]])
    // Again: the back-off is longer now.
    await memory.failed(bob, performance.now() + 6000)
    await vi.advanceTimersByTimeAsync(5900)
    expect(await knows(bob)).toEqual([lastDialFailure])
    await vi.advanceTimersByTimeAsync(200)
    expect([await knows(bob), await knows(alice)]).toEqual([['nothing'], [lastDialFailure]])
    await vi.advanceTimersByTimeAsync(300_000)
    expect(await knows(alice)).toEqual(['nothing'])
  })

  it('is nothing of an unknown peer without a back-off, and nothing when the node stops', async () => {
    const { memory, knows } = world()
    await memory.failed(bob, 0)
    expect(await knows(bob)).toEqual(['nothing'])
    await memory.failed(bob, performance.now() + 5000)
    await memory.stop()
    expect(await knows(bob)).toEqual(['nothing'])
  })

  it('stays where the peer turned out to be there after all', async () => {
    const { memory, store, knows } = world()
    await memory.failed(bob, performance.now() + 5000)
    await memory.succeeded({ remotePeer: bob, remoteAddr: address } as Connection)
    await memory.failed(alice, performance.now() + 5000)
    await store.merge(alice, { protocols: ['/x'] })
    await vi.advanceTimersByTimeAsync(10_000)
    expect([await knows(bob), await knows(alice)]).toEqual([[lastDialFailure, lastDialSuccess], [lastDialFailure]])
  })

  it('is of at most a thousand unknown peers', async () => {
    const { memory, store } = world()
    const peers = Array.from({ length: 1001 }, (_, i) => named(i))
    for (const peer of peers) await memory.failed(peer, performance.now() + 5000)
    expect((await store.all()).length).toBe(1000)
    expect(await store.has(peers[0]!)).toBe(false)
    await memory.stop()
    expect((await store.all()).length).toBe(0)
  })

  it('does not fail where the store does', async () => {
    const broken = new Proxy({} as PeerStore, { get: () => async () => Promise.reject(new Error('full')) })
    const memory = new DialMemory(broken, fakeLogger().forComponent('test'))
    await memory.failed(bob, performance.now() + 5000)
    await memory.succeeded({ remotePeer: bob, remoteAddr: address } as Connection)
  })
})
