/** The bytes of a peer store: what is counted is what is there, whatever happens. */
import type { Libp2pEvents, PeerId, PeerStore } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPairFromSeed, peerIdFromPrivateKey } from '@weft/peer-id'
import { ResourceManager } from '@weft/resources'
import { MemoryDatastore } from 'datastore-core/memory'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sizeOf } from '../src/core/size.ts'
import { type PeerStoreInit, peerStore } from '../src/index.ts'

const idOf = async (i: number): Promise<PeerId> =>
  peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i)))
const [self, ...ids] = (await Promise.all([1, 2, 3, 4, 5, 6].map(idOf))) as [PeerId, ...PeerId[]]

const call = fc.record({
  method: fc.constantFrom('save', 'patch', 'merge', 'merge', 'delete', 'connect', 'disconnect', 'list', 'read'),
  peer: fc.nat(ids.length),
  wait: fc.nat(400),
  data: fc.record(
    {
      multiaddrs: fc.array(fc.nat(20)),
      protocols: fc.array(fc.string({ maxLength: 30 })),
      tags: fc.dictionary(fc.constantFrom('t', 'u'), fc.option(fc.constant({ value: 1 }), { nil: undefined })),
      metadata: fc.dictionary(
        fc.constantFrom('m', 'n'),
        fc.option(fc.uint8Array({ maxLength: 900 }), { nil: undefined })
      ),
      peerRecordEnvelope: fc.uint8Array({ maxLength: 300 })
    },
    { requiredKeys: [] }
  )
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Addresses do not age here, so that what is listed is all that is held; peers without any do. */
const options: PeerStoreInit = {
  maxPeers: 5,
  maxBytes: 8_000,
  maxAddressAge: Number.POSITIVE_INFINITY,
  maxPeerAge: 1_000
}

type Call = typeof call extends fc.Arbitrary<infer T> ? T : never

async function run(
  store: PeerStore,
  events: EventEmitter<Libp2pEvents>,
  { method, peer, wait, data }: Call
): Promise<void> {
  vi.setSystemTime(Date.now() + wait)
  const id = ids[peer] ?? self
  if (method === 'delete') await store.delete(id)
  else if (method === 'connect') events.safeDispatchEvent('peer:connect', { detail: id })
  else if (method === 'disconnect') events.safeDispatchEvent('peer:disconnect', { detail: id })
  else if (method === 'list') await store.all()
  else if (method === 'read') await store.has(id)
  else {
    const multiaddrs = data.multiaddrs?.map(i => multiaddr(`/ip4/10.0.0.${i}/tcp/4001`))
    const given = { ...data, ...(multiaddrs === undefined ? {} : { multiaddrs }) }
    try {
      await store[method as 'save'](id, given as never)
    } catch (error) {
      if (!['PeerStoreFullError', 'ResourceLimitError'].includes((error as Error).name)) throw error
    }
  }
}

describe('bytes', () => {
  it('are those of the peers that are there, never more than the limit, and the same in the node’s account', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), fc.constantFrom(6_000, 50_000), async (calls, memory) => {
        const resourceManager = new ResourceManager({ resourceLimits: { system: { memory } } })
        const events = new EventEmitter<Libp2pEvents>()
        const store = peerStore(options)({ peerId: self, events, resourceManager })
        for (const each of calls) await run(store, events, each)
        const own = await store.get(self).catch(() => undefined)
        const recounted = [...(await store.all()), ...(own === undefined ? [] : [own])].reduce(
          (sum, peer) => sum + sizeOf(peer as never),
          0
        )
        expect(resourceManager.system.used('memory')).toBe(recounted)
        expect(recounted).toBeLessThanOrEqual(Math.min(8_000, memory))
        expect(resourceManager.usage()).toContainEqual(
          expect.objectContaining({
            scope: 'service',
            scopeName: 'peerStore',
            used: expect.objectContaining({ memory: recounted })
          })
        )
      }),
      { numRuns: 200 }
    )
  })

  it('of a datastore are never more than the limit either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async calls => {
        const events = new EventEmitter<Libp2pEvents>()
        const datastore = new MemoryDatastore()
        const store = peerStore({ ...options, maxBytes: 2_000 })({ peerId: self, events, datastore })
        for (const each of calls) {
          await run(store, events, each)
          let bytes = 0
          for await (const { value } of datastore.query({})) bytes += value.byteLength
          expect(bytes).toBeLessThanOrEqual(2_000)
        }
      }),
      { numRuns: 100 }
    )
  })

  it('of a datastore that was filled before are counted', async () => {
    const datastore = new MemoryDatastore()
    const create = (maxBytes: number): PeerStore =>
      peerStore({ maxBytes })({ peerId: self, events: new EventEmitter<Libp2pEvents>(), datastore })
    const metadata = { m: new Uint8Array(1000) }
    for (const id of ids) await create(100_000).save(id, { metadata })
    const smaller = create(3_500)
    await smaller.save(ids[0]!, { metadata })
    expect(await smaller.all()).toHaveLength(3)
  })

  it('that the node has no room for are refused by its account, which names its own limit', async () => {
    const resourceManager = new ResourceManager({ resourceLimits: { services: { peerStore: { memory: 3_000 } } } })
    const store = peerStore()({ peerId: self, events: new EventEmitter<Libp2pEvents>(), resourceManager })
    await store.merge(ids[0]!, { tags: { t: {} } })
    await store.merge(ids[1]!, {})
    await store.merge(ids[2]!, {})
    expect((await store.all()).map(({ id }) => String(id))).toEqual([ids[0], ids[2]].map(String))
    await expect(store.merge(ids[3]!, { metadata: { m: new Uint8Array(3_000) } })).rejects.toMatchObject({
      name: 'ResourceLimitError',
      option: 'resourceLimits.services["peerStore"].memory'
    })
  })
})
