import type { Libp2pEvents, PeerId, PeerStore, PeerUpdate, PrivateKey } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, generateKeyPairFromSeed, peerIdFromMultihash, peerIdFromPrivateKey } from '@weft/peer-id'
import { maxAddresses, maxProtocols, PeerRecord, RecordEnvelope } from '@weft/peer-info'
import { MemoryDatastore } from 'datastore-core/memory'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { maxMetadataEntries, maxMetadataSize, maxTags, type PeerStoreInit, peerStore } from '../src/index.ts'

const start = 1_700_000_000_000
const addresses = ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.2/tcp/1', '/ip4/10.0.0.3/tcp/1'].map(text => multiaddr(text))
const [first, second, third] = addresses as [(typeof addresses)[0], (typeof addresses)[0], (typeof addresses)[0]]

const keyOf = (seed: number): Promise<PrivateKey> =>
  generateKeyPairFromSeed(
    'Ed25519',
    new Uint8Array(32)
      .fill(1)
      .with(0, seed & 255)
      .with(1, seed >> 8)
  )
const key = await keyOf(1)
const otherKey = await keyOf(2)
const [peer, other, self] = [
  peerIdFromPrivateKey(key),
  peerIdFromPrivateKey(otherKey),
  peerIdFromPrivateKey(await keyOf(3))
]

class Events extends EventEmitter<Libp2pEvents> {
  seen: Array<{ type: string; detail: PeerUpdate }> = []
  constructor() {
    super()
    for (const type of ['peer:update', 'self:peer:update'] as const) {
      this.addEventListener(type, ({ detail }) => void this.seen.push({ type, detail }))
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

describe.each(['memory', 'a datastore'])('a peer store in %s', place => {
  let events: Events
  let store: PeerStore

  const create = (init?: PeerStoreInit): PeerStore => {
    events = new Events()
    const datastore = place === 'memory' ? {} : { datastore: new MemoryDatastore() }
    return peerStore(init)({ peerId: self, events, ...datastore })
  }
  const texts = async (id: PeerId): Promise<string[]> =>
    (await store.get(id)).addresses.map(({ multiaddr: address }) => address.toString())

  beforeEach(() => {
    store = create()
  })

  describe('bytes and objects', () => {
    it('are copied in and out', async () => {
      const value = Uint8Array.of(1, 2, 3)
      const record = await RecordEnvelope.seal(new PeerRecord({ peerId: peer, multiaddrs: [first] }), key)
      const peerRecordEnvelope = new Uint8Array(record.marshal())
      const given = await store.merge(peer, { metadata: { value }, peerRecordEnvelope })
      const sound = new Uint8Array(peerRecordEnvelope)
      value[0] = 9
      peerRecordEnvelope[0]! ^= 1
      given.metadata.get('value')![1] = 9
      for (let i = 0; i < 2; i++) {
        const got = await store.get(peer)
        expect([...got.metadata.get('value')!]).toEqual([1, 2, 3])
        expect(got.peerRecordEnvelope).toEqual(sound)
        got.metadata.get('value')![2] = 9
        got.peerRecordEnvelope![0]! ^= 1
      }
      const [listed] = await store.all()
      expect([...listed!.metadata.get('value')!]).toEqual([1, 2, 3])
    })
  })

  describe('a connected peer', () => {
    it('is not forgotten, however long nothing is written of it', async () => {
      await store.merge(peer, { protocols: ['/a/1'] })
      events.safeDispatchEvent('peer:connect', { detail: peer })
      vi.setSystemTime(start + 365 * 24 * 3600_000)
      expect((await store.get(peer)).protocols).toEqual(['/a/1'])
      events.safeDispatchEvent('peer:disconnect', { detail: peer })
      expect(await store.has(peer)).toBe(false)
    })
  })

  describe('reading', () => {
    it('has, gets and lists', async () => {
      expect(await store.has(peer)).toBe(false)
      await expect(store.get(peer)).rejects.toThrow(expect.objectContaining({ name: 'NotFoundError' }))
      await expect(store.getInfo(peer)).rejects.toThrow(expect.objectContaining({ name: 'NotFoundError' }))
      await store.save(peer, { multiaddrs: [first] })
      expect(await store.has(peer)).toBe(true)
      const { id, multiaddrs } = await store.getInfo(peer)
      expect([id.toString(), ...multiaddrs.map(String)]).toEqual([peer.toString(), first.toString()])
      expect((await store.all()).map(({ id }) => id.toString())).toEqual([peer.toString()])
      await store.delete(peer)
      expect(await store.has(peer)).toBe(false)
      expect(await store.all()).toEqual([])
    })

    it('gives objects of the caller’s own', async () => {
      await store.save(peer, { multiaddrs: [first], tags: { t: {} }, metadata: { m: Uint8Array.of(1) } })
      const mine = await store.get(peer)
      mine.addresses.pop()
      mine.tags.clear()
      mine.metadata.clear()
      mine.protocols.push('/x')
      const again = await store.get(peer)
      expect([again.addresses.length, again.tags.size, again.metadata.size, again.protocols.length]).toEqual([
        1, 1, 1, 0
      ])
    })

    it('filters, orders and cuts, without this node', async () => {
      await store.save(self, { multiaddrs: [first] })
      for (let i = 0; i < 5; i++) {
        await store.save(peerIdFromPrivateKey(await keyOf(10 + i)), { tags: { rank: { value: i } } })
      }
      const rank = (p: { tags: Map<string, { value: number }> }): number => p.tags.get('rank')!.value
      const found = await store.all({
        filters: [p => rank(p) > 0],
        orders: [(a, b) => Math.sign(rank(b) - rank(a)) as -1 | 0 | 1],
        offset: 1,
        limit: 2
      })
      expect(found.map(rank)).toEqual([3, 2])
      const seen: number[] = []
      await store.forEach(p => void seen.push(rank(p)), { filters: [p => rank(p) < 2] })
      expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1])
    })

    it('never deletes this node', async () => {
      await store.save(self, { multiaddrs: [first] })
      await store.delete(self)
      expect(await store.has(self)).toBe(true)
    })

    it('stops for an aborted signal', async () => {
      const signal = AbortSignal.abort(new Error('stop'))
      await expect(store.get(peer, { signal })).rejects.toThrow('stop')
      await expect(store.merge(peer, {}, { signal })).rejects.toThrow('stop')
      await expect(store.all({ signal })).rejects.toThrow('stop')
    })
  })

  describe('updating', () => {
    const full = {
      multiaddrs: [first, second],
      protocols: ['/b/1', '/a/1'],
      metadata: { name: Uint8Array.of(1), gone: Uint8Array.of(2) },
      tags: { a: { value: 10 }, gone: { value: 1 } },
      peerRecordEnvelope: Uint8Array.of(1, 2)
    }

    it('saves all of it, and replaces all of it', async () => {
      const saved = await store.save(peer, full)
      expect(saved.protocols).toEqual(['/a/1', '/b/1'])
      expect(saved.metadata).toEqual(new Map(Object.entries(full.metadata)))
      expect(saved.tags).toEqual(new Map(Object.entries(full.tags)))
      expect(saved.peerRecordEnvelope).toEqual(full.peerRecordEnvelope)
      expect(saved.addresses.map(({ isCertified }) => isCertified)).toEqual([false, false])
      await store.save(peer, { multiaddrs: [third] })
      const replaced = await store.get(peer)
      expect(replaced).toMatchObject({ protocols: [], metadata: new Map(), tags: new Map() })
      expect(replaced.peerRecordEnvelope).toBe(undefined)
      expect(await texts(peer)).toEqual([third.toString()])
    })

    it('patches what is named', async () => {
      await store.save(peer, full)
      await store.patch(peer, { multiaddrs: [third], tags: { b: { value: 2 } } })
      const patched = await store.get(peer)
      expect(await texts(peer)).toEqual([third.toString()])
      expect(patched.tags).toEqual(new Map([['b', { value: 2 }]]))
      expect(patched.protocols).toEqual(['/a/1', '/b/1'])
      expect(patched.metadata.size).toBe(2)
      expect(patched.peerRecordEnvelope).toEqual(full.peerRecordEnvelope)
      await store.patch(peer, { protocols: ['/c/1'], metadata: new Map([['k', Uint8Array.of(3)]]), multiaddrs: [] })
      expect(await store.get(peer)).toMatchObject({
        protocols: ['/c/1'],
        metadata: new Map([['k', Uint8Array.of(3)]]),
        addresses: []
      })
    })

    it('merges, and removes what is undefined', async () => {
      await store.save(peer, full)
      await store.merge(peer, {
        multiaddrs: [second, third],
        protocols: ['/a/1', '/c/1'],
        metadata: { name: Uint8Array.of(9), gone: undefined },
        tags: { b: { value: 5 }, gone: undefined }
      })
      const merged = await store.get(peer)
      expect(await texts(peer)).toEqual([first, second, third].map(String))
      expect(merged.protocols).toEqual(['/a/1', '/b/1', '/c/1'])
      expect(merged.metadata).toEqual(new Map([['name', Uint8Array.of(9)]]))
      expect(merged.tags).toEqual(
        new Map([
          ['a', { value: 10 }],
          ['b', { value: 5 }]
        ])
      )
    })

    it('keeps a certified address certified when it is merged', async () => {
      await store.merge(peer, { addresses: [{ multiaddr: first, isCertified: true }] })
      await store.merge(peer, { multiaddrs: [first] })
      expect((await store.get(peer)).addresses[0]!.isCertified).toBe(true)
      await store.patch(peer, { multiaddrs: [first] })
      expect((await store.get(peer)).addresses[0]!.isCertified).toBe(false)
    })

    it('leaves the peer’s own id out of addresses, but not behind a relay', async () => {
      const relayed = `/ip4/10.0.0.9/tcp/1/p2p/${other.toString()}/p2p-circuit/p2p/${peer.toString()}`
      await store.merge(peer, {
        multiaddrs: [multiaddr(`${first.toString()}/p2p/${peer.toString()}`), first, multiaddr(relayed)]
      })
      expect(await texts(peer)).toEqual([first.toString(), relayed])
    })

    it('asks the filter', async () => {
      store = create({ addressFilter: async (id, address) => id.equals(peer) && !address.equals(second) })
      await store.merge(peer, { multiaddrs: [first, second] })
      expect(await texts(peer)).toEqual([first.toString()])
    })

    it('loses none of several merges at once', async () => {
      await Promise.all(addresses.map(address => store.merge(peer, { multiaddrs: [address] })))
      expect(await texts(peer)).toEqual(addresses.map(String))
      void store.merge(peer, { protocols: ['/late/1'] })
      expect((await store.get(peer)).protocols).toEqual(['/late/1'])
    })

    it('remembers a public key that is not in the id', async () => {
      const rsa = await generateKeyPair('RSA')
      const known = peerIdFromPrivateKey(rsa)
      const unknown = peerIdFromMultihash(known.toMultihash())
      await store.merge(unknown, { multiaddrs: [first] })
      expect((await store.get(unknown)).id.publicKey).toBe(undefined)
      await store.merge(unknown, { publicKey: rsa.publicKey })
      expect((await store.get(unknown)).id.publicKey?.equals(rsa.publicKey)).toBe(true)
      await store.patch(unknown, { multiaddrs: [] })
      expect((await store.get(unknown)).id.publicKey?.equals(rsa.publicKey)).toBe(true)
    })

    it.each([
      ['data', undefined],
      ['addresses', { multiaddrs: ['/ip4/1.1.1.1'] }],
      ['protocols', { protocols: [7] }],
      ['a foreign public key', { publicKey: otherKey.publicKey }],
      ['metadata', { metadata: { k: 'text' } }],
      ['a tag below 0', { tags: { t: { value: -1 } } }],
      ['a tag above 100', { tags: { t: { value: 101 } } }],
      ['a fraction', { tags: { t: { value: 5.5 } } }],
      ['a ttl', { tags: { t: { ttl: -1 } } }],
      ['a long envelope', { peerRecordEnvelope: new Uint8Array(8193) }]
    ])('refuses %s', async (_what, data) => {
      for (const method of ['save', 'patch', 'merge'] as const) {
        await expect(store[method](peer, data as any)).rejects.toThrow(
          expect.objectContaining({ name: 'InvalidParametersError' })
        )
      }
      expect(await store.has(peer)).toBe(false)
    })

    it('refuses what is no peer id', async () => {
      for (const call of [store.get('peer' as any), store.has(7 as any), store.save({} as any, {})]) {
        await expect(call).rejects.toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
      }
    })
  })

  describe('events', () => {
    it('tell of changes, with what was before', async () => {
      await store.save(peer, { multiaddrs: [first] })
      await store.merge(peer, { multiaddrs: [first] })
      await store.patch(peer, { multiaddrs: [first], tags: {} })
      await store.merge(peer, { multiaddrs: [second] })
      await store.merge(self, { protocols: ['/a/1'] })
      expect(
        events.seen.map(({ type, detail }) => [type, detail.previous?.addresses.length, detail.peer.addresses.length])
      ).toEqual([
        ['peer:update', undefined, 1],
        ['peer:update', 1, 2],
        ['self:peer:update', undefined, 0]
      ])
    })
  })

  describe('time', () => {
    const hour = 3_600_000

    it('forgets addresses after an hour, and hears of them anew', async () => {
      await store.merge(peer, { multiaddrs: [first, second] })
      vi.setSystemTime(start + hour / 2)
      await store.merge(peer, { multiaddrs: [second] })
      vi.setSystemTime(start + hour)
      expect(await texts(peer)).toEqual([second.toString()])
      vi.setSystemTime(start + hour * 1.5)
      expect(await texts(peer)).toEqual([])
      expect(await store.has(peer)).toBe(true)
    })

    it('forgets peers after six hours without an update', async () => {
      await store.merge(peer, { multiaddrs: [first], tags: { t: {} } })
      await store.merge(other, {})
      vi.setSystemTime(start + hour * 5)
      await store.merge(other, {})
      vi.setSystemTime(start + hour * 6)
      expect(await store.has(peer)).toBe(true)
      vi.setSystemTime(start + hour * 6 + 1)
      expect((await store.all()).map(({ id }) => id.toString())).toEqual([other.toString()])
      expect(await store.has(peer)).toBe(false)
      const again = await store.merge(peer, { multiaddrs: [second] })
      expect(again.tags.size).toBe(0)
      expect(events.seen.at(-1)!.detail.previous).toBe(undefined)
    })

    it('keeps a peer with an address that holds, and this node for ever', async () => {
      store = create({ maxAddressAge: 100, maxPeerAge: 10 })
      await store.merge(peer, { multiaddrs: [first] })
      await store.merge(self, { multiaddrs: [first] })
      vi.setSystemTime(start + 99)
      expect(await store.has(peer)).toBe(true)
      vi.setSystemTime(start + 100)
      expect(await store.has(peer)).toBe(false)
      vi.setSystemTime(start + hour * 1000)
      expect(await texts(self)).toEqual([first.toString()])
    })

    it('forgets tags when their time is over', async () => {
      await store.merge(peer, { tags: { brief: { value: 1, ttl: 50 }, long: { value: 2 } } })
      vi.setSystemTime(start + 51)
      expect([...(await store.get(peer)).tags.keys()]).toEqual(['long'])
      await store.merge(peer, { tags: { more: {} } })
      expect([...(await store.get(peer)).tags.keys()].toSorted()).toEqual(['long', 'more'])
    })
  })

  describe('peer records', () => {
    const seal = async (options: {
      seq: bigint
      id?: PeerId
      by?: PrivateKey
      at?: typeof first
    }): Promise<Uint8Array> => {
      const { seq, id = peer, by = key, at = first } = options
      return (await RecordEnvelope.seal(new PeerRecord({ peerId: id, multiaddrs: [at], seqNumber: seq }), by)).marshal()
    }

    it('replace the addresses, the newest of them', async () => {
      await store.merge(peer, { multiaddrs: [third] })
      const newer = await seal({ seq: 2n, at: second })
      expect(await store.consumePeerRecord(newer, { expectedPeer: peer })).toBe(true)
      expect(await store.consumePeerRecord(await seal({ seq: 1n }))).toBe(false)
      expect(await store.consumePeerRecord(newer)).toBe(false)
      const stored = await store.get(peer)
      expect(stored.addresses.map(({ multiaddr: address, isCertified }) => [address.toString(), isCertified])).toEqual([
        [second.toString(), true]
      ])
      expect(stored.peerRecordEnvelope).toEqual(newer)
      expect(await store.consumePeerRecord(await seal({ seq: 3n }))).toBe(true)
    })

    it('are taken of the expected peer and the record’s own only', async () => {
      expect(await store.consumePeerRecord(await seal({ seq: 1n }), { expectedPeer: other })).toBe(false)
      expect(await (store as any).consumePeerRecord(await seal({ seq: 1n }), other)).toBe(false)
      // envelope-key-mismatch of the attack vectors
      expect(await store.consumePeerRecord(await seal({ seq: 1n, id: other }))).toBe(false)
      expect((await store.has(peer)) || (await store.has(other))).toBe(false)
      const changed = await seal({ seq: 1n })
      changed[changed.length - 1]! ^= 1
      await expect(store.consumePeerRecord(changed)).rejects.toThrow(
        expect.objectContaining({ name: 'InvalidSignatureError' })
      )
      await expect(store.consumePeerRecord(new Uint8Array(9000))).rejects.toThrow(
        expect.objectContaining({ name: 'InvalidMessageError' })
      )
    })

    it('replace an envelope that is none', async () => {
      await store.merge(peer, { peerRecordEnvelope: Uint8Array.of(1, 2, 3) })
      expect(await store.consumePeerRecord(await seal({ seq: 1n }))).toBe(true)
    })
  })

  describe('bounds', () => {
    const idOf = async (i: number): Promise<PeerId> => peerIdFromPrivateKey(await keyOf(300 + i))

    it('of addresses: certified and new ones stay', async () => {
      const at = (i: number) => multiaddr(`/ip4/10.1.${i >> 8}.${i & 255}/tcp/1`)
      await store.merge(peer, { addresses: [{ multiaddr: first, isCertified: true }] })
      await store.merge(peer, { multiaddrs: Array.from({ length: 60 }, (_, i) => at(i)) })
      vi.setSystemTime(start + 1)
      await store.merge(peer, { multiaddrs: Array.from({ length: 60 }, (_, i) => at(100 + i)) })
      const kept = await texts(peer)
      expect(kept.length).toBe(maxAddresses)
      expect(kept).toContain(first.toString())
      expect(kept.filter(text => text >= at(100).toString() && text < '/ip4/10.1.2').length).toBe(60)
    })

    it('of protocols, tags and metadata', async () => {
      const many = Array.from({ length: 600 }, (_, i) => `/p/${i}`)
      await store.merge(peer, { protocols: [...many, 'x'.repeat(2000)] })
      expect((await store.get(peer)).protocols.length).toBe(maxProtocols)
      await store.merge(peer, { protocols: ['/new/1'] })
      expect((await store.get(peer)).protocols).toContain('/new/1')
      const tags = Object.fromEntries(many.slice(0, maxTags + 1).map(name => [name, {}]))
      await expect(store.merge(peer, { tags })).rejects.toThrow('at most')
      const metadata = Object.fromEntries(many.slice(0, maxMetadataEntries + 1).map(name => [name, Uint8Array.of(1)]))
      await expect(store.merge(peer, { metadata })).rejects.toThrow('at most')
      await expect(store.merge(peer, { metadata: { k: new Uint8Array(maxMetadataSize) } })).rejects.toThrow('at most')
    })

    it('of peers: the one not updated for longest goes, unless it is protected', async () => {
      store = create({ maxPeers: 4 })
      const ids = await Promise.all([0, 1, 2, 3, 4, 5].map(idOf))
      await store.merge(self, {})
      await store.merge(ids[0]!, { tags: { 'keep-alive': {} } })
      await store.merge(ids[1]!, {})
      events.safeDispatchEvent('peer:connect', { detail: ids[1]! })
      await store.merge(ids[2]!, {})
      await store.merge(ids[3]!, {})
      const present = async (): Promise<boolean[]> => await Promise.all(ids.map(async id => await store.has(id)))
      expect(await present()).toEqual([true, true, false, true, false, false])
      events.safeDispatchEvent('peer:disconnect', { detail: ids[1]! })
      await store.merge(ids[3]!, { protocols: ['/a/1'] })
      await store.merge(ids[4]!, {})
      await store.merge(ids[5]!, {})
      const now = await present()
      expect(now.filter(Boolean).length).toBe(3)
      expect([now[0], now[5], await store.has(self)]).toEqual([true, true, true])
    })

    it('of peers: one that passed over others is not removed before them', async () => {
      store = create({ maxPeers: 3 })
      const ids = await Promise.all([0, 1, 2, 3, 4].map(idOf))
      for (const id of ids.slice(0, 2)) await store.save(id, { tags: { t: { ttl: 0 } } })
      for (const id of ids.slice(2, 4)) await store.save(id, {})
      // The tags' time is over: the first peer is now the one not updated for longest.
      vi.setSystemTime(start + 1)
      await store.save(ids[4]!, {})
      expect(await Promise.all(ids.map(async id => await store.has(id)))).toEqual([false, true, false, true, true])
    })

    it('of peers: a tag does not protect one that has expired', async () => {
      store = create({ maxPeers: 2, maxPeerAge: 1000 })
      const ids = await Promise.all([0, 1, 2].map(idOf))
      await store.save(ids[0]!, { tags: { t: {} } })
      vi.setSystemTime(start + 1001)
      await store.save(ids[1]!, {})
      await store.save(ids[2]!, {})
      expect(await Promise.all(ids.map(async id => await store.has(id)))).toEqual([false, true, true])
    })

    it('of peers, even if all are protected', async () => {
      store = create({ maxPeers: 3 })
      const ids = await Promise.all([0, 1, 2, 3, 4].map(idOf))
      await store.merge(self, {})
      for (const id of ids) await store.merge(id, { tags: { t: {} } })
      expect((await store.all()).length).toBe(2)
      expect(await store.has(self)).toBe(true)
      expect(await store.has(ids[4]!)).toBe(true)
    })

    it('of bytes: the peers not updated for longest go, unless they are protected', async () => {
      // In memory, what holds the bytes counts too.
      store = create({ maxBytes: place === 'memory' ? 46_500 : 41_000 })
      const ids = await Promise.all([0, 1, 2, 3, 4, 5].map(idOf))
      const large = { metadata: { large: new Uint8Array(10_000) } }
      const present = async (): Promise<boolean[]> => await Promise.all(ids.map(async id => await store.has(id)))
      await store.merge(self, {})
      await store.merge(ids[0]!, { ...large, tags: { 'keep-alive': {} } })
      await store.merge(ids[1]!, large)
      events.safeDispatchEvent('peer:connect', { detail: ids[1]! })
      await store.merge(ids[2]!, large)
      await store.merge(ids[3]!, large)
      expect(await present()).toEqual([true, true, true, true, false, false])
      await store.merge(ids[2]!, { metadata: { large: new Uint8Array(15_000) } })
      expect(await present()).toEqual([true, true, true, false, false, false])
      await store.merge(ids[4]!, large)
      expect(await present()).toEqual([true, true, false, false, true, false])
      await store.merge(ids[5]!, large)
      expect(await present()).toEqual([true, true, false, false, true, true])
      expect(await store.has(self)).toBe(true)
    })

    it('of bytes: what does not fit beside protected peers is refused, and changes nothing', async () => {
      store = create({ maxBytes: 40_000 })
      const ids = await Promise.all([0, 1, 2, 3].map(idOf))
      const tags = { t: {} }
      const large = { metadata: { large: new Uint8Array(10_000) }, tags }
      for (const id of ids.slice(0, 3)) await store.merge(id, large)
      const full = {
        name: 'PeerStoreFullError',
        code: 'ERR_PEER_STORE_FULL',
        limit: 40_000,
        option: 'peerStore.maxBytes'
      }
      await expect(store.merge(ids[3]!, large)).rejects.toMatchObject({
        ...full,
        message: expect.stringMatching(/at most 40000 bytes, and 1\d{4} more were refused: option peerStore.maxBytes/)
      })
      await expect(store.merge(ids[0]!, { metadata: { more: new Uint8Array(4_000) } })).resolves.toBeDefined()
      await expect(store.patch(ids[1]!, { metadata: { large: new Uint8Array(16_300) } })).rejects.toMatchObject(full)
      expect((await store.get(ids[1]!)).metadata.get('large')?.byteLength).toBe(10_000)
      expect(await store.has(ids[3]!)).toBe(false)
      // A peer that is let go makes room.
      await store.patch(ids[2]!, { tags: {} })
      await store.merge(ids[3]!, large)
      expect(await store.has(ids[2]!)).toBe(false)
      store = create({ maxBytes: 5_000 })
      await store.merge(ids[0]!, {})
      await expect(store.merge(ids[1]!, large)).rejects.toMatchObject({ ...full, limit: 5_000, current: 0 })
      expect(await store.has(ids[0]!)).toBe(true)
    })

    it.each([{ maxPeers: 0 }, { maxBytes: -1 }, { maxAddressAge: -1 }, { maxPeerAge: Number.NaN }])(
      'are checked: %o',
      init => {
        expect(() => create(init)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
      }
    )
  })
})

describe('memory and datastore', () => {
  it('give the same after the same calls', async () => {
    const ids = await Promise.all([20, 21, 22, 23].map(async i => peerIdFromPrivateKey(await keyOf(i))))
    const data = fc.record(
      {
        multiaddrs: fc.subarray(addresses),
        protocols: fc.subarray(['/a/1', '/b/1', '/c/1']),
        tags: fc.dictionary(
          fc.constantFrom('t', 'u'),
          fc.option(fc.record({ value: fc.nat(100), ttl: fc.nat(2_000_000) }, { requiredKeys: ['value'] }), {
            nil: undefined
          })
        ),
        metadata: fc.dictionary(
          fc.constantFrom('m', 'n'),
          fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined })
        )
      },
      { requiredKeys: [] }
    )
    const call = fc.record({
      method: fc.constantFrom('save' as const, 'patch' as const, 'merge' as const, 'delete' as const),
      peer: fc.nat(3),
      data,
      wait: fc.oneof(fc.nat(2_000_000), fc.nat(30_000_000))
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async calls => {
        vi.setSystemTime(start)
        const targets = [new Events(), new Events()] as const
        const stores = [
          peerStore({ maxPeers: 3 })({ peerId: self, events: targets[0] }),
          peerStore({ maxPeers: 3 })({ peerId: self, events: targets[1], datastore: new MemoryDatastore() })
        ]
        for (const { method, peer: index, data, wait } of calls) {
          vi.setSystemTime(Date.now() + wait)
          for (const store of stores) {
            if (method === 'delete') await store.delete(ids[index]!)
            else await store[method](ids[index]!, data)
          }
        }
        const listed = await Promise.all(
          stores.map(async store => JSON.stringify((await store.all()).map(describePeer).toSorted()))
        )
        expect(listed[1]).toBe(listed[0])
        expect(targets[1].seen.map(event => describePeer(event.detail.peer))).toEqual(
          targets[0].seen.map(event => describePeer(event.detail.peer))
        )
      }),
      { numRuns: 50 }
    )
  })
})

function describePeer(found: PeerUpdate['peer']): string {
  const tags = [...found.tags].map(([name, tag]) => `${name}=${tag.value}/${String((tag as any).expiry)}`).toSorted()
  const metadata = [...found.metadata].map(([name, value]) => `${name}=${value.join()}`).toSorted()
  const list = found.addresses.map(address => address.multiaddr.toString())
  return [found.id.toString(), ...list, ...found.protocols, ...tags, ...metadata].join(' ')
}
