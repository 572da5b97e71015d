import type { Libp2p } from '@libp2p/interface'
import { equals, fromUtf8, toUtf8 } from '@weft/bytes'
import { recordStoreSuite, suiteKey, suiteRecord, suiteValidators } from '@weft/interface-record-store/compliance'
import {
  type KadComponents,
  type KadExtension,
  type KadMessage,
  type KadRouting,
  type KadRoutingInit,
  kadRequest,
  kadRouting,
  messageTypes,
  passthroughMapper
} from '@weft/kad-routing'
import { until } from '@weft/interface-connection/compliance'
import { identify } from '@weft/identify'
import { createLibp2p, memoryDefaults } from '@weft/libp2p'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { decodeRecord, encodeRecord, type KadRecord, publicKeyRecordKey, publicKeyValidator } from '@weft/record'
import { afterEach, describe, expect, it } from 'vitest'
import { loneNode } from '../../../routing/kad-routing/test/lone-node.ts'
import { type KadDHT, kadDHT, KadRecordStore, type KadRecordStoreInit } from './index.ts'

interface Node {
  readonly node: Libp2p<{ dht: KadRouting }>
  readonly store: KadRecordStore
}

const nodes: Array<{ stop(): unknown }> = []
let count = 0

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
})

/** Nodes of one network, all of them connected to the first, with tables that have each other. */
async function network(size: number): Promise<Node[]> {
  const made: Node[] = []
  for (let i = 0; i < size; i++) {
    let store!: KadRecordStore
    const dht = (components: KadComponents): KadRouting => {
      const routing = kadRouting({ clientMode: false, peerInfoMapper: passthroughMapper })(components)
      const validators = { ...suiteValidators(Date.now), pk: publicKeyValidator }
      store = new KadRecordStore(routing, components, { validators, persistent: false })
      return routing
    }
    const node = await createLibp2p({
      ...memoryDefaults(),
      addresses: { listen: [`/memory/kad-record-store-${count++}`] },
      services: { identify: identify(), dht }
    })
    nodes.push(node)
    made.push({ node, store })
    if (i > 0) await node.dial(made[0]!.node.getMultiaddrs())
  }
  // A peer is in the table once it has answered.
  await until(() => made.every(({ node }) => node.services.dht.routingTable.size > 0))
  for (const { node } of made) await node.services.dht.refreshRoutingTable()
  return made
}

/** A lone node with a store, and what the store gave to the routing: how requests of peers reach it. */
async function lone(init: Partial<KadRecordStoreInit> = {}, routing: KadRoutingInit = {}) {
  const { service, components, datastore } = await loneNode(routing)
  nodes.push(service)
  const extensions: KadExtension[] = []
  const { extend } = service
  service.extend = extension => {
    extensions.push(extension)
    return extend.call(service, extension)
  }
  const store = new KadRecordStore(service, components, {
    validators: suiteValidators(Date.now),
    persistent: false,
    ...init
  })
  const context = { from: components.peerId, closerPeers: () => [] }
  const ask = async (request: KadMessage) => (await extensions[0]!.handle(request, context))!
  const put = async (of: Uint8Array, record: KadRecord) =>
    ask({ ...kadRequest(messageTypes.PUT_VALUE, of), record: encodeRecord(record) })
  return { store, datastore, ask, put, expiry: async (now: number) => extensions[0]!.expiry!(now) }
}

recordStoreSuite(
  { describe, it, expect },
  {
    // A node that knows nobody: what it keeps itself is all there is.
    setup: async ({ validators, now }) => {
      const { service, components } = await loneNode()
      nodes.push(service)
      return { store: new KadRecordStore(service, components, { validators, now, persistent: false }) }
    },
    teardown: async () => {}
  }
)

describe('records in a network', () => {
  const key = suiteKey('key')

  it('are put to other peers, and found by a peer that was not asked to keep them', async () => {
    const [writer, , reader] = await network(4)
    const outcomes = await writer!.store.put(key, suiteRecord(3, 'shared'), { quorum: 2 })
    expect(outcomes.filter(({ status }) => status === 'stored').length).toBeGreaterThanOrEqual(2)
    await writer!.node.stop()
    expect(toUtf8(await reader!.store.getBest(key))).toBe(toUtf8(suiteRecord(3, 'shared')))
    // By the router that the node's content routing asks.
    expect(toUtf8(await reader!.node.contentRouting.get(key))).toBe(toUtf8(suiteRecord(3, 'shared')))
  }, 60_000)

  it('are put right where a peer holds a worse one', async () => {
    const [stale, fresh, reader] = await network(3)
    await stale!.store.put(key, suiteRecord(1))
    await fresh!.store.put(key, suiteRecord(2))
    // Put into the one alone, as if it had been away.
    const held = async ({ store }: Node): Promise<string> => {
      for await (const { record, from } of store.get(key, { quorum: 1 })) {
        if (from.peer?.equals(stale!.node.peerId) === true) return toUtf8(record)
      }
      return 'none'
    }
    expect(toUtf8(await reader!.store.getBest(key))).toBe(toUtf8(suiteRecord(2)))
    expect(await held(stale!)).toBe(toUtf8(suiteRecord(2)))
  }, 60_000)

  it('are refused by a peer as the protocol has it: of another key, worse than what is kept, without rules', async () => {
    const { store, put } = await lone()
    await store.put(key, suiteRecord(5))
    await expect(put(key, { key: suiteKey('other'), value: suiteRecord(9) })).rejects.toMatchObject({
      name: 'InvalidRecordError'
    })
    await expect(put(key, { key, value: suiteRecord(1) })).rejects.toMatchObject({ name: 'QuorumError' })
    const unknown = fromUtf8('/none/a')
    await expect(put(unknown, { key: unknown, value: suiteRecord(9) })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_NAMESPACE'
    })
    expect((await put(key, { key, value: suiteRecord(6) })).record).toBeDefined()
    expect(toUtf8(await store.getBest(key))).toBe(toUtf8(suiteRecord(6)))
  })

  it('of a peer’s own public key are answered without being put', async () => {
    const [one, two] = await network(2)
    const own = publicKeyRecordKey(one!.node.peerId)
    const found = await two!.store.getBest(own)
    expect(equals(found, publicKeyToProtobuf(one!.node.peerId.publicKey!))).toBe(true)
  }, 60_000)

  it('that nobody can be asked for say why', async () => {
    const { store } = await lone({}, { clientMode: true })
    await expect(store.put(key, suiteRecord(1))).rejects.toMatchObject({
      name: 'QuorumError',
      cause: { name: 'EmptyLookupError' }
    })
    await store.delete(key)
    await expect(store.getBest(key)).rejects.toMatchObject({
      name: 'NotFoundError',
      cause: { name: 'EmptyLookupError' }
    })
  })
})

describe('kadDHT', () => {
  it('has values beside routing, with the rules of pk and ipns and those that are given in the form of js-libp2p', async () => {
    const make = async (name: string): Promise<Libp2p<{ dht: KadDHT }>> => {
      const node = await createLibp2p({
        ...memoryDefaults(),
        addresses: { listen: [`/memory/kad-dht-${name}`] },
        services: {
          identify: identify(),
          dht: kadDHT({
            clientMode: false,
            peerInfoMapper: passthroughMapper,
            validators: {
              number(_key, value) {
                if (value.byteLength !== 1) throw new Error('a number has one byte')
              }
            },
            selectors: {
              number: (_key, records) => records.findIndex(([n]) => n === Math.max(...records.map(r => r[0]!)))
            }
          })
        }
      })
      nodes.push(node)
      return node
    }
    const [one, two] = [await make('one'), await make('two')]
    await two.dial(one.getMultiaddrs())
    await until(() => [one, two].every(({ services }) => services.dht.routingTable.size > 0))
    const key = fromUtf8('/number/a')
    const steps: string[] = []
    for await (const { name } of one.services.dht.put(key, Uint8Array.of(5))) steps.push(name)
    expect(steps).toEqual(['PEER_RESPONSE', 'PEER_RESPONSE'])
    const values: number[][] = []
    for await (const event of two.services.dht.get(key)) if (event.name === 'VALUE') values.push([...event.value])
    expect(values).toEqual([[5]])
    await expect(two.contentRouting.put(key, Uint8Array.of(1, 2))).rejects.toThrow('a number has one byte')
    await expect(two.contentRouting.put(key, Uint8Array.of(4))).rejects.toMatchObject({ name: 'QuorumError' })
    await two.contentRouting.put(key, Uint8Array.of(6))
    expect([...(await one.contentRouting.get(key))]).toEqual([6])
  }, 60_000)

  it('refuses options that cannot be as they are, when it is called', () => {
    expect(() => kadDHT({ validators: 5 as never })).toThrow('validators')
    expect(() => kadDHT({ clientmode: true } as never)).toThrow('is clientMode meant?')
  })
})

describe('records that are kept', () => {
  it('are dropped after their term, and a shorter one that their sender asked for counts', async () => {
    let time = 1000
    const now = (): number => time
    const { datastore, ask, put, expiry } = await lone({ validators: suiteValidators(now), validity: 10_000, now })
    for (const [name, ttl] of [
      ['short', 3],
      ['long', 3600]
    ] as const) {
      await put(suiteKey(name), { key: suiteKey(name), value: suiteRecord(1), timeReceived: 5, ttl })
    }
    const kept = (): number => [...datastore.queryKeys({ prefix: '/dht/record' })].length
    const get = async (name: string): Promise<number | undefined> => {
      const { record } = await ask(kadRequest(messageTypes.GET_VALUE, suiteKey(name)))
      return record === undefined ? undefined : decodeRecord(record).timeReceived
    }
    expect([await get('short'), await get('long'), kept()]).toEqual([1000, 1000, 2])
    time = 4000
    expect([await get('short'), await get('long')]).toEqual([undefined, 1000])
    time = 11_000
    expect([await get('short'), await get('long')]).toEqual([undefined, undefined])
    await expiry(time)
    expect(kept()).toBe(0)
  })
})
