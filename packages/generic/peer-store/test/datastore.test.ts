import { EventEmitter } from '@weft/events'
import type { Libp2pEvents } from '@libp2p/interface'
import { fromHex, toHex } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPairFromSeed, peerIdFromPrivateKey, peerIdFromString } from '@weft/peer-id'
import { MemoryDatastore } from 'datastore-core/memory'
import { Key } from 'interface-datastore/key'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { persistentPeerStore } from '../src/index.ts'

const start = 1_700_000_000_000
const self = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(9)))
const peer = peerIdFromString('bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6')
const key = new Key('/peers/bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6')

// A peer as js-libp2p 3 stores it after a peer record and a merge.
const storedHex = [
  '0a130a08047f000001060fa110011880d095ffbc31', // /ip4/127.0.0.1/tcp/4001, certified, observed at start
  '0a220a17290000000000000000000000000000000191020fa1cd0310011880d095ffbc31', // /ip6/::1/udp/4001/quic-v1
  '12042f612f31', // protocol /a/1
  '12042f622f31', // protocol /b/1
  '2ac401', // envelope
  '0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e120203011a56',
  '0a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e',
  '1080d095ffbc311a0a0a08047f000001060fa11a190a17290000000000000000000000000000000191020fa1cd032a40',
  'd4916e504cc1bb5fe8476a4edd72a70b930259b949affd59379096fecf7df68a97d46057fd125771e52af5abc2a25a73b55a4f77ec61d31cb4c2aca7b14acf05',
  '32080a016b1203010203', // metadata k
  '3a0a0a046b65657012020801', // tag keep, value 1
  '3a0e0a01741209083210e0a499ffbc31', // tag t, value 50, until start + 60 s
  '4080d095ffbc31' // updated at start
].join('')

const create = (datastore: MemoryDatastore) =>
  persistentPeerStore({ peerId: self, events: new EventEmitter<Libp2pEvents>(), datastore })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the datastore', () => {
  it('is read as js-libp2p writes it', async () => {
    const datastore = new MemoryDatastore()
    await datastore.put(key, fromHex(storedHex))
    const store = create(datastore)
    const found = await store.get(peer)
    expect(found.id.equals(peer)).toBe(true)
    expect(found.addresses.map(({ multiaddr: address, isCertified }) => [address.toString(), isCertified])).toEqual([
      ['/ip4/127.0.0.1/tcp/4001', true],
      ['/ip6/::1/udp/4001/quic-v1', true]
    ])
    expect(found.protocols).toEqual(['/a/1', '/b/1'])
    expect(found.metadata).toEqual(new Map([['k', Uint8Array.of(1, 2, 3)]]))
    expect(found.tags).toEqual(
      new Map([
        ['keep', { value: 1 }],
        ['t', { value: 50, expiry: BigInt(start + 60_000) }]
      ])
    )
    // The stored record counts: the same one is not newer.
    expect(await store.consumePeerRecord(found.peerRecordEnvelope!)).toBe(false)
    expect((await store.all()).length).toBe(1)
  })

  it('is written as js-libp2p writes it', async () => {
    const datastore = new MemoryDatastore()
    await datastore.put(key, fromHex(storedHex))
    await create(datastore).merge(peer, {})
    expect(toHex(await datastore.get(key))).toBe(storedHex)
  })

  it('holds peers that cannot be read, which are not there', async () => {
    const datastore = new MemoryDatastore()
    await datastore.put(key, fromHex('ff'))
    await datastore.put(new Key('/peers/nobody'), fromHex(storedHex))
    const store = create(datastore)
    expect(await store.has(peer)).toBe(false)
    expect(await store.all()).toEqual([])
    const merged = await store.merge(peer, { multiaddrs: [multiaddr('/ip4/10.0.0.1/tcp/1')] })
    expect(merged.addresses.length).toBe(1)
  })

  it('leaves out what cannot be read inside a peer', async () => {
    const datastore = new MemoryDatastore()
    // An address of an unknown protocol, a public key that is none, and a time.
    await datastore.put(key, fromHex('0a0c0a03ffff031880d095ffbc31220201024080d095ffbc31'))
    const found = await create(datastore).get(peer)
    expect(found.addresses).toEqual([])
    expect(found.id.equals(peer)).toBe(true)
  })

  it('passes on its failures, and goes on after them', async () => {
    const datastore = new MemoryDatastore()
    const store = create(datastore)
    const failing = vi.spyOn(datastore, 'put').mockImplementation(() => {
      throw new Error('disk is full')
    })
    await expect(store.merge(peer, { protocols: ['/a/1'] })).rejects.toThrow('disk is full')
    failing.mockRestore()
    await store.merge(peer, { protocols: ['/b/1'] })
    expect((await store.get(peer)).protocols).toEqual(['/b/1'])
    vi.spyOn(datastore, 'get').mockImplementation(() => {
      throw new Error('disk is gone')
    })
    await expect(store.get(peer)).rejects.toThrow('disk is gone')
  })
})
