import type { PeerId } from '@libp2p/interface'
import { fromHex, fromUtf8, toHex, toUtf8 } from '@weft/bytes'
import { protocolSuite } from '@weft/interface-protocol/compliance'
import { type FoundRecord, recordStoreSymbol, type Validators } from '@weft/interface-record-store'
import { recordStoreSuite, suiteKey, suiteRecord, suiteValidators } from '@weft/interface-record-store/compliance'
import { Machines } from '@weft/mdns-discovery/testing'
import { MemoryDatastore } from '@weft/memory-datastore'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import type { Key } from 'interface-datastore'
import { afterEach, describe, expect, it } from 'vitest'
import { recordAnswer, recordRequest } from './core/messages.ts'
import { type MulticastRecordStore, mdnsRecordStore, type MulticastRecordStoreInit } from './index.ts'

const running: MulticastRecordStore[] = []
async function stopAll(): Promise<void> {
  for (const service of running.splice(0)) await service.stop()
}

async function somePeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

let time = 0
const validators: Validators = suiteValidators(() => time)
const key = suiteKey('key')

async function store(
  machines: Machines,
  init: Partial<MulticastRecordStoreInit> = {},
  datastore: MemoryDatastore = new MemoryDatastore()
) {
  const machine = machines.add(await somePeer())
  const make = mdnsRecordStore({ validators, network: machine.network, ...init })
  const service = make({ ...machine.components, datastore })
  running.push(service)
  await service.start()
  return { machine, service, datastore }
}

async function all(source: AsyncIterable<FoundRecord>): Promise<FoundRecord[]> {
  const items: FoundRecord[] = []
  for await (const item of source) items.push(item)
  return items
}

recordStoreSuite(
  { describe, it, expect },
  {
    async setup({ validators }) {
      // Nobody else is there to wait for.
      const { service, datastore } = await store(new Machines(), { validators, timeout: 5 })
      const restart = async (): Promise<MulticastRecordStore> => {
        await service.stop()
        return (await store(new Machines(), { validators, timeout: 5 }, datastore)).service
      }
      return { store: service, restart }
    },
    teardown: stopAll
  }
)

describe('the protocol of records', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/weft/records/1.0.0'],
      maxHeld: 256 * 1024,
      async create(node, { timeout }) {
        const { components, network } = new Machines().add(await somePeer(), { node })
        const inbound = timeout === undefined ? {} : { inboundTimeout: timeout }
        const datastore = new MemoryDatastore()
        return mdnsRecordStore({ validators, network, ...inbound })({ ...components, datastore })
      }
    }
  )

  it('is written byte for byte', () => {
    // Field 1, 1 byte; field 1, 2 bytes; nothing where there is none.
    expect(toHex(recordRequest.encode({ key: Uint8Array.of(0x2f) }))).toBe('0a012f')
    expect(toHex(recordAnswer.encode({ record: Uint8Array.of(1, 2) }))).toBe('0a020102')
    expect(toHex(recordAnswer.encode({}))).toBe('')
    expect(() => recordRequest.decode(fromHex(`0a8102${'00'.repeat(257)}`))).toThrow()
  })
})

describe('records in the local network', () => {
  afterEach(() => {
    time = 0
    return stopAll()
  })

  it('are found where they were put, and the best of all is told', async () => {
    const machines = new Machines()
    const [near, one, two, none] = [
      await store(machines),
      await store(machines),
      await store(machines),
      await store(machines)
    ]
    await one.service.put(key, suiteRecord(1, 'older'))
    await two.service.put(key, suiteRecord(2, 'newer'))
    const found = await all(near.service.get(key))
    expect(found.map(({ from }) => String(from.peer)).toSorted()).toEqual(
      [one, two].map(({ machine }) => machine.peerId.toString()).toSorted()
    )
    expect(found.every(({ valid }) => valid)).toBe(true)
    expect(toUtf8(await near.service.getBest(key))).toBe(toUtf8(suiteRecord(2, 'newer')))
    expect(none.machine.node.opened).toEqual([])
    // Nothing of a record is in a packet.
    for (const { packet } of machines.hub.sent) expect(toHex(packet)).not.toContain(toHex(fromUtf8('newer')))
  })

  it('end at as many valid ones as are wanted', async () => {
    const machines = new Machines()
    const [near, far] = [await store(machines, { timeout: 60_000 }), await store(machines)]
    await far.service.put(key, suiteRecord(1))
    expect(await all(near.service.get(key, { quorum: 1 }))).toHaveLength(1)
    await near.service.put(key, suiteRecord(3))
    expect((await all(near.service.get(key, { quorum: 2 }))).map(({ from }) => from.peer)).toEqual([
      near.machine.peerId,
      far.machine.peerId
    ])
  })

  it('that are not valid are told as such, and are never the best', async () => {
    const machines = new Machines()
    const [near, far] = [await store(machines), await store(machines)]
    await far.service.put(key, suiteRecord(1, '', 10))
    const [name] = await allKeys(far.datastore)
    far.datastore.put(name!, fromUtf8('no record at all'))
    expect(await all(near.service.get(key))).toMatchObject([{ valid: false, from: { peer: far.machine.peerId } }])
    await expect(near.service.getBest(key)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('are found again after a restart of who holds them, and no more once they are deleted', async () => {
    const machines = new Machines()
    const near = await store(machines)
    const before = await store(machines)
    await before.service.put(key, suiteRecord(1))
    await before.service.stop()
    expect(await all(near.service.get(key))).toEqual([])
    const after = await store(machines, {}, before.datastore)
    expect(await all(near.service.get(key))).toMatchObject([{ from: { peer: after.machine.peerId } }])
    await after.service.delete(key)
    expect(await all(near.service.get(key))).toEqual([])
  })

  it('are kept up to the limits of the store, and not beyond', async () => {
    const { service } = await store(new Machines(), { maxRecords: 2, maxBytes: 60, timeout: 5 })
    await service.put(suiteKey('a'), suiteRecord(1))
    await service.put(suiteKey('b'), suiteRecord(1))
    const full = { name: 'QuorumError', outcomes: [{ status: 'failed' }] }
    await expect(service.put(suiteKey('c'), suiteRecord(1))).rejects.toMatchObject(full)
    await expect(service.put(suiteKey('a'), suiteRecord(2, 'x'.repeat(60)))).rejects.toMatchObject(full)
    await service.put(suiteKey('a'), suiteRecord(2))
    await service.delete(suiteKey('b'))
    await service.put(suiteKey('c'), suiteRecord(1))
  })

  it('refuse keys that are too long, and options that cannot be', async () => {
    const { service } = await store(new Machines(), { timeout: 5 })
    await expect(service.put(suiteKey('x'.repeat(256)), suiteRecord(1))).rejects.toMatchObject({
      code: 'ERR_INVALID_RECORD_KEY'
    })
    expect(Reflect.get(service, recordStoreSymbol)).toBe(service)
    expect(() => mdnsRecordStore({ network: new Machines().hub.network([]) } as never)).toThrow(/validators/)
  })
})

async function allKeys(datastore: MemoryDatastore): Promise<Key[]> {
  return [...datastore.queryKeys({})]
}
