import type { ContentRouting, PeerId, PeerInfo, PeerRouting, PeerStore } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { CID } from 'multiformats/cid'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { alice, bob, carol, fakeLogger } from '../../../interface-node/test/fakes.ts'
import { DefaultContentRouting } from './content-routing.ts'
import { mapParallel, mergeSources } from './merge.ts'
import { DefaultPeerRouting } from './peer-routing.ts'
import { tableFillOf, tableFillSymbol } from '@weft/interface-peer-routing'
import { DefaultRandomWalk } from './random-walk.ts'

const address = multiaddr('/ip4/8.8.4.4/tcp/1')
const info = (id: PeerId, ...multiaddrs: PeerInfo['multiaddrs']): PeerInfo => ({ id, multiaddrs })
const cid = CID.parse('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')
const key = Uint8Array.of(1)

async function* of<T>(...items: T[]): AsyncGenerator<T> {
  yield* items
}

// oxlint-disable-next-line require-yield
async function* failing(message: string): AsyncGenerator<never> {
  throw new Error(message)
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

function components() {
  const merge = vi.fn(async () => ({}))
  return { peerId: alice, merge, peerStore: { merge } as unknown as PeerStore, logger: fakeLogger() }
}

describe('merging', () => {
  it('takes one item of each source at a time, and leaves out one that fails', async () => {
    const onError = vi.fn()
    const items = await all(mergeSources([of(1, 2, 3), failing('x'), [10, 20]], onError))
    expect(items.filter(item => item < 10)).toEqual([1, 2, 3])
    expect(items.filter(item => item >= 10)).toEqual([10, 20])
    expect(onError).toHaveBeenCalledTimes(1)
    expect(await all(mergeSources([], onError))).toEqual([])
    await expect(all(mergeSources([failing('a'), failing('b')], onError))).rejects.toThrow('a')
  })

  it('asks for no more than is taken, and ends the sources when the reader leaves', async () => {
    let asked = 0
    const ended = vi.fn()
    async function* endless(): AsyncGenerator<number> {
      try {
        while (true) yield asked++
      } finally {
        ended()
      }
    }
    for await (const item of mergeSources([endless(), endless()], () => {})) if (item >= 9) break
    expect(asked).toBeLessThanOrEqual(12)
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(2))
  })

  it('changes a few items at a time, and yields what is done first', async () => {
    let running = 0
    let most = 0
    const change = async (item: number): Promise<number | undefined> => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, item === 0 ? 10 : 0))
      running--
      return item === 3 ? undefined : item
    }
    const items = await all(mapParallel(of(0, 1, 2, 3, 4, 5), 2, change))
    expect(items.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 4, 5])
    expect(items[0]).toBe(1)
    expect(most).toBe(2)
    await expect(all(mapParallel(failing('source'), 2, change))).rejects.toThrow('source')
  })
})

describe('peer routing', () => {
  it('gives the first answer, stores it and stops the other routers', async () => {
    const parts = components()
    let stopped: AbortSignal | undefined
    const routers: Partial<PeerRouting>[] = [
      {
        findPeer: (_peer, options) => {
          stopped = options?.signal
          return new Promise(() => {})
        }
      },
      { findPeer: async () => Promise.reject(new Error('no')) },
      { getClosestPeers: () => of() }
    ]
    const routing = new DefaultPeerRouting(parts, { routers })
    // Services come later.
    routers.push({ findPeer: async id => info(id, address) })
    expect(await routing.findPeer(bob)).toEqual(info(bob, address))
    expect(stopped?.aborted).toBe(true)
    expect(parts.merge).toHaveBeenCalledWith(bob, { multiaddrs: [address] }, {})
  })

  it('says why there is no answer', async () => {
    const parts = components()
    const name = (name: string) => expect.objectContaining({ name })
    await expect(new DefaultPeerRouting(parts).findPeer(bob)).rejects.toEqual(name('NoPeerRoutersError'))
    await expect(all(new DefaultPeerRouting(parts).getClosestPeers(key))).rejects.toEqual(name('NoPeerRoutersError'))
    const routing = new DefaultPeerRouting(parts, { routers: [{ findPeer: () => Promise.reject(new Error()) }] })
    await expect(routing.findPeer(alice)).rejects.toEqual(name('QueriedForSelfError'))
    await expect(routing.findPeer(bob)).rejects.toEqual(name('NotFoundError'))
    const reason = new Error('enough')
    await expect(routing.findPeer(bob, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('yields each close peer once, with its addresses', async () => {
    const parts = components()
    parts.merge.mockRejectedValueOnce(new Error('full'))
    const routers: Partial<PeerRouting>[] = [
      { getClosestPeers: () => of(info(bob, address), info(bob, address), info(carol)) },
      { getClosestPeers: () => failing('router') },
      { findPeer: async id => info(id, address) }
    ]
    const found = await all(new DefaultPeerRouting(parts, { routers }).getClosestPeers(key))
    expect(found.toSorted(a => (a.id.equals(bob) ? -1 : 1))).toEqual([info(bob, address), info(carol, address)])
    expect(parts.logger.errors).toHaveLength(2)
  })
})

describe('content routing', () => {
  it('yields each provider once', async () => {
    const parts = components()
    const provider = { ...info(bob, address), routing: 'a' }
    const routers = [{ findProviders: () => of(provider) }, { findProviders: () => of(provider) }, {}]
    expect(await all(new DefaultContentRouting(parts, { routers }).findProviders(cid))).toEqual([provider])
  })

  it('provides, puts and gets with all routers that can', async () => {
    const parts = components()
    const calls: string[] = []
    const router = (name: string): Partial<ContentRouting> => ({
      provide: async () => void calls.push(`${name} provide`),
      cancelReprovide: async () => void calls.push(`${name} cancel`),
      put: async () => void calls.push(`${name} put`),
      get: async () => (name === 'a' ? Promise.reject(new Error()) : Uint8Array.of(7))
    })
    const routing = new DefaultContentRouting(parts, { routers: [router('a'), router('b'), {}] })
    await expect(routing.put(key, key)).rejects.toMatchObject({ name: 'NotStartedError' })
    routing.start()
    await routing.provide(cid)
    await routing.cancelReprovide(cid)
    await routing.put(key, key)
    expect(calls).toEqual(['a provide', 'b provide', 'a cancel', 'b cancel', 'a put', 'b put'])
    expect(await routing.get(key)).toEqual(Uint8Array.of(7))
    const none = new DefaultContentRouting(parts)
    none.start()
    await expect(none.get(key)).rejects.toMatchObject({ name: 'NoContentRoutersError' })
    await expect(all(none.findProviders(cid))).rejects.toMatchObject({ name: 'NoContentRoutersError' })
  })

  it('refuses to provide, put and get where no router can, with a typed error', async () => {
    const routing = new DefaultContentRouting(components(), { routers: [{ findProviders: () => of() }, {}] })
    routing.start()
    const refused = { name: 'NoContentRoutersError' }
    await expect(routing.provide(cid)).rejects.toMatchObject(refused)
    await expect(routing.put(key, key)).rejects.toMatchObject(refused)
    await expect(routing.get(key)).rejects.toMatchObject(refused)
    await expect(routing.get(key)).rejects.toThrow('get()')
    // Nothing was provided, so there is nothing to cancel.
    await routing.cancelReprovide(cid)
  })

  it('tells slower routers to stop once one has found the value', async () => {
    const signals: AbortSignal[] = []
    const slow: Partial<ContentRouting> = {
      get: (_, options) => {
        signals.push(options!.signal!)
        return new Promise(() => {})
      }
    }
    const routers = [slow, { get: async () => Uint8Array.of(7) }]
    const routing = new DefaultContentRouting(components(), { routers })
    routing.start()
    expect(await routing.get(key)).toEqual(Uint8Array.of(7))
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('rejects with the reason of the caller who left, and tells the routers', async () => {
    const waiting: Partial<ContentRouting> = {
      get: async (_, options) =>
        new Promise((_resolve, reject) =>
          options!.signal!.addEventListener('abort', () => reject(new Error('stopped')))
        )
    }
    const routing = new DefaultContentRouting(components(), { routers: [waiting] })
    routing.start()
    const left = new AbortController()
    const got = routing.get(key, { signal: left.signal })
    const reason = new Error('enough')
    left.abort(reason)
    await expect(got).rejects.toBe(reason)
  })

  it('tells routers that still look to stop when the reader of providers or peers leaves', async () => {
    const signals: AbortSignal[] = []
    const endless = (_: unknown, options?: { signal?: AbortSignal }) => {
      signals.push(options!.signal!)
      return {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) })
      } as unknown as AsyncGenerator<never>
    }
    const provider = { ...info(bob, address), routing: 'a' }
    const content = [{ findProviders: () => of(provider) }, { findProviders: endless }]
    for await (const _ of new DefaultContentRouting(components(), { routers: content }).findProviders(cid)) break
    const peers = [{ getClosestPeers: () => of(info(bob, address)) }, { getClosestPeers: endless }]
    for await (const _ of new DefaultPeerRouting(components(), { routers: peers }).getClosestPeers(key)) break
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  it('waits for all routers before it tells of the first that failed', async () => {
    const slow = vi.fn()
    const routers = [
      { provide: () => Promise.reject(new Error('first')) },
      { provide: async () => new Promise<void>(resolve => setTimeout(resolve, 5)).then(slow) }
    ]
    await expect(new DefaultContentRouting(components(), { routers }).provide(cid)).rejects.toThrow('first')
    expect(slow).toHaveBeenCalledTimes(1)
  })
})

describe('how full the tables are', () => {
  it('is told of all routers together, or of none', () => {
    const fill = (peers: number, emptyRegions: number) => ({ [tableFillSymbol]: () => ({ peers, emptyRegions }) })
    const of = (...routers: object[]) => tableFillOf(new DefaultPeerRouting(components(), { routers }))
    expect(of(fill(20, 1), {}, fill(3, 2))).toEqual({ peers: 23, emptyRegions: 3 })
    expect(of({})).toBeUndefined()
  })
})

describe('random walk', () => {
  afterEach(() => void vi.useRealTimers())

  const peers = [bob, carol, alice]
  function create(getClosestPeers: PeerRouting['getClosestPeers']) {
    const peerRouting = { getClosestPeers: vi.fn(getClosestPeers) } as unknown as PeerRouting
    return { peerRouting, walk: new DefaultRandomWalk({ peerRouting, logger: fakeLogger() }) }
  }

  it('asks only as fast as peers are taken, and starts anew with another key', async () => {
    let yielded = 0
    const { peerRouting, walk } = create(async function* () {
      for (const peer of peers) {
        yielded++
        yield info(peer)
      }
    })
    const walker = walk.walk()
    expect((await walker.next()).value.id).toBe(bob)
    expect(yielded).toBe(1)
    for (const peer of [carol, alice, bob]) expect((await walker.next()).value.id).toBe(peer)
    const calls = vi.mocked(peerRouting.getClosestPeers).mock.calls
    expect(calls).toHaveLength(2)
    expect(calls[0]![0]).not.toEqual(calls[1]![0])
    await walker.return(undefined)
    expect(calls[1]![1]?.signal?.aborted).toBe(true)
    // A later caller gets a walk of its own.
    expect((await walk.walk().next()).value.id).toBe(bob)
    walk.stop()
  })

  it('ends after as many look-ups as were wanted, also when they find nobody', async () => {
    const { peerRouting, walk } = create(async function* () {
      for (const peer of peers) yield info(peer)
    })
    const all = async (lookups: number): Promise<number> => {
      let count = 0
      for await (const peer of walk.walk({ lookups })) if (peer !== undefined) count++
      return count
    }
    expect(await all(1)).toBe(3)
    expect(peerRouting.getClosestPeers).toHaveBeenCalledTimes(1)
    expect(await all(2)).toBe(6)
    expect(peerRouting.getClosestPeers).toHaveBeenCalledTimes(3)
    walk.stop()
    const nobody = create(async function* () {})
    expect((await nobody.walk.walk({ lookups: 1 }).next()).done).toBe(true)
    expect(nobody.peerRouting.getClosestPeers).toHaveBeenCalledTimes(1)
    nobody.walk.stop()
  })

  it('is shared by those who walk at the same time', async () => {
    const { peerRouting, walk } = create(async function* () {
      for (const peer of peers) yield info(peer)
    })
    const [a, b] = [walk.walk(), walk.walk()]
    const found = await Promise.all([a.next(), b.next()])
    expect(found.map(({ value }) => value.id)).toEqual([bob, bob])
    expect(peerRouting.getClosestPeers).toHaveBeenCalledTimes(1)
    await a.return(undefined)
    expect((await b.next()).value.id).toBe(carol)
    walk.stop()
    await expect(b.next()).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('throws what the routing throws, and the reason of the signal', async () => {
    const { walk } = create(() => failing('no routers'))
    await expect(walk.walk().next()).rejects.toThrow('no routers')
    const reason = new Error('enough')
    await expect(walk.walk({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason)
  })

  it('waits a second after a query that found nobody', async () => {
    vi.useFakeTimers()
    let queries = 0
    const { walk } = create(() => (++queries < 3 ? of() : of(info(bob))))
    const next = walk.walk().next()
    await vi.advanceTimersByTimeAsync(999)
    expect(queries).toBe(1)
    await vi.advanceTimersByTimeAsync(1001)
    expect((await next).value.id).toBe(bob)
    walk.stop()
  })
})
