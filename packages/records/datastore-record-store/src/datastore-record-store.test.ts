import { fromUtf8 } from '@weft/bytes'
import { recordStoreSuite, suiteKey, suiteRecord, suiteValidators } from '@weft/interface-record-store/compliance'
import { MemoryDatastore } from '@weft/memory-datastore'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { datastoreRecordStore } from './index.ts'

recordStoreSuite(
  { describe, it, expect },
  {
    setup: async ({ validators }) => {
      const datastore = new MemoryDatastore()
      const open = async () => datastoreRecordStore({ datastore, validators, maxValue: 1024 })
      return { store: await open(), restart: open }
    },
    teardown: async () => {}
  }
)

describe('a record store over a datastore', () => {
  let time = 0
  const validators = suiteValidators(() => time)

  it('keeps records under a prefix of its own, whatever bytes their keys have', async () => {
    const datastore = new MemoryDatastore()
    const any = { validate() {}, select: () => 0 }
    const store = datastoreRecordStore({ datastore, validators: { any } })
    const key = Uint8Array.of(...fromUtf8('/any/'), 0, 255, 47, 47)
    await store.put(key, Uint8Array.of(1))
    datastore.put(new Key('/peers/1'), new Uint8Array(10))
    expect([...(await store.getBest(key))]).toEqual([1])
    expect([...datastore.queryKeys({ prefix: '/records' })].map(String)).toEqual(['/records/F5QW46JPAD7S6LY'])
    await store.delete(key)
    expect([...datastore.queryKeys({})].map(String)).toEqual(['/peers/1'])
  })

  it('has a limit of bytes that holds over a restart, and makes room of what has expired', async () => {
    time = 0
    const datastore = new MemoryDatastore()
    const each = suiteKey('0').byteLength + suiteRecord(1, 'x'.repeat(50), 10).byteLength
    const open = () => datastoreRecordStore({ datastore, validators, maxBytes: 3 * each })
    const put = async (name: string, expires = 10) =>
      open().put(suiteKey(name), suiteRecord(1, 'x'.repeat(50), expires))
    for (const name of ['0', '1', '2']) await put(name)
    await expect(put('3')).rejects.toMatchObject({
      name: 'QuorumError',
      outcomes: [{ status: 'failed', error: { name: 'RecordStoreFullError' } }]
    })
    // The same record again, and one in the place of another, take no more.
    await put('2')
    await open().put(suiteKey('2'), suiteRecord(2, 'y'.repeat(50), 10))
    time = 10
    await put('3', 99)
    expect([...datastore.queryKeys({})].length).toBe(1)
  })

  it('is never beyond its limit with many puts at the same time', async () => {
    const datastore = new MemoryDatastore()
    const store = datastoreRecordStore({ datastore, validators, maxBytes: 1000 })
    const record = suiteRecord(1, 'x'.repeat(80))
    await Promise.allSettled(Array.from({ length: 100 }, async (_, n) => store.put(suiteKey(`${n}`), record)))
    let bytes = 0
    for (const { value } of datastore.query({})) bytes += value.byteLength
    expect(bytes).toBeGreaterThan(500)
    expect(bytes).toBeLessThanOrEqual(1000)
  })

  it('refuses keys that are too long, and says what a failing datastore did', async () => {
    const datastore = new MemoryDatastore()
    const store = datastoreRecordStore({ datastore, validators, maxKey: 20 })
    await expect(store.put(suiteKey('x'.repeat(20)), suiteRecord(1))).rejects.toMatchObject({
      code: 'ERR_INVALID_RECORD_KEY'
    })
    datastore.put = () => {
      throw new Error('disk full')
    }
    await expect(store.put(suiteKey('a'), suiteRecord(1))).rejects.toMatchObject({
      outcomes: [{ status: 'failed', error: { message: 'disk full' } }]
    })
  })

  it('leaves records of namespaces that it does not know where they are', async () => {
    const datastore = new MemoryDatastore()
    const other = { validate() {}, select: () => 0 }
    await datastoreRecordStore({ datastore, validators: { other } }).put(fromUtf8('/other/a'), Uint8Array.of(1))
    time = 0
    const store = datastoreRecordStore({ datastore, validators })
    await store.put(suiteKey('a'), suiteRecord(1, '', 5))
    time = 5
    expect(await store.sweep()).toBe(1)
    expect([...datastore.queryKeys({})].length).toBe(1)
  })
})
