import type { Logger } from '@libp2p/interface'
import { MemoryDatastore } from '@weft/memory-datastore'
import { describe, expect, it } from 'vitest'
import { settingsOf } from './options.ts'
import { ProviderStore } from './provider-store.ts'

const failed: unknown[] = []
const log = { error: (...args: unknown[]) => void failed.push(args) } as unknown as Logger
const key = Uint8Array.of(0x12, 0x20, 1, 2, 3)
const peer = 'a peer\u00ff'
const address = Uint8Array.of(4, 127, 0, 0, 1, 6, 0x0f, 0xa1)

const rows = (datastore: MemoryDatastore): number => [...datastore.query({})].length

describe('the store of provider records', () => {
  it('has after a restart what it had, as long as that counts', async () => {
    const datastore = new MemoryDatastore()
    const store = new ProviderStore(datastore, settingsOf({}), log)
    store.add(key, peer, [address])
    store.add(key, 'another', [])
    store.delete(key, 'another')
    await store.flush()
    const again = new ProviderStore(datastore, settingsOf({}), log)
    await again.load()
    expect(again.of(key).map(record => [record.peer, record.addresses.map(String)])).toEqual([
      [peer, [String(address)]]
    ])
    again.expire(Date.now() + 48 * 3_600_000)
    await again.flush()
    expect([again.size, rows(datastore), failed]).toEqual([0, 0, []])
  })

  it('takes no more than its share of one peer, and of others still', () => {
    const store = new ProviderStore(new MemoryDatastore(), settingsOf({}), log)
    let taken = 0
    while (store.mayAdd(peer) && taken < 10_000) taken++
    expect(taken).toBeGreaterThanOrEqual(4096)
    expect(taken).toBeLessThan(4200)
    expect(store.mayAdd('another')).toBe(true)
  })

  it('goes on where the datastore fails', async () => {
    const datastore = new MemoryDatastore()
    datastore.put = () => {
      throw new Error('full')
    }
    const store = new ProviderStore(datastore, settingsOf({}), log)
    store.add(key, peer, [address])
    await store.flush()
    expect([store.of(key).length, failed.length]).toEqual([1, 1])
  })
})
