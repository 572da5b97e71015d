import type { TestRunner } from '@weft/interface-connection/compliance'
import { type Datastore, Key, type Pair } from 'interface-datastore'
import { all, type StoreSetup, usingStore } from './setup.ts'

/** Makes the datastore under test. */
export type DatastoreSetup = StoreSetup<Datastore>

const key = new Key('/suite/key')
const other = new Key('/suite/other')
const value = (byte: number, length = 1): Uint8Array => new Uint8Array(length).fill(byte)
const pair = (name: string, byte: number): Pair => ({ key: new Key(name), value: value(byte) })
const names = (keys: Key[]): string[] => keys.map(String).toSorted()

/** What every datastore does that a node writes to. */
export function datastoreSuite({ describe, it, expect }: TestRunner, options: DatastoreSetup): void {
  const using = (use: Parameters<typeof usingStore<Datastore>>[1]): Promise<void> => usingStore(options, use)
  const stored = async (store: Datastore, of = key): Promise<number[]> => [...(await store.get(of))]

  describe('datastore', () => {
    it('has what was put, byte for byte, and nothing else', () =>
      using(async ({ store }) => {
        expect(await store.has(key)).toBe(false)
        expect(String(await store.put(key, value(1, 3)))).toBe(String(key))
        expect(await store.has(key)).toBe(true)
        expect(await store.has(other)).toBe(false)
        expect(await stored(store)).toEqual([1, 1, 1])
      }))

    it('says so when it has nothing', () =>
      using(async ({ store }) => {
        await expect((async () => store.get(key))()).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('takes an empty value, and one of a mebibyte with every byte', () =>
      using(async ({ store }) => {
        await store.put(key, new Uint8Array(0))
        expect(await stored(store)).toEqual([])
        const large = Uint8Array.from({ length: 1024 * 1024 }, (_, i) => i)
        await store.put(key, large)
        const found = await store.get(key)
        expect(found.byteLength).toBe(large.byteLength)
        expect(found.every((byte, i) => byte === (i & 0xff))).toBe(true)
      }))

    it('replaces a value, and forgets one that is deleted, once and again', () =>
      using(async ({ store }) => {
        await store.put(key, value(1))
        await store.put(key, value(2))
        expect(await stored(store)).toEqual([2])
        await store.delete(key)
        await store.delete(key)
        expect(await store.has(key)).toBe(false)
      }))

    it('owns what it was given, and the caller what it is given', () =>
      using(async ({ store }) => {
        const given = value(1, 4)
        await store.put(key, given)
        given.fill(0)
        const taken = await store.get(key)
        expect([...taken]).toEqual([1, 1, 1, 1])
        taken.fill(0)
        expect(await stored(store)).toEqual([1, 1, 1, 1])
      }))

    it('puts, gets and deletes many, in the order of the source', () =>
      using(async ({ store }) => {
        const pairs = [3, 1, 2].map(n => pair(`/suite/${n}`, n))
        const keys = pairs.map(({ key }) => key)
        expect((await all(store.putMany(pairs))).map(String)).toEqual(keys.map(String))
        expect((await all(store.getMany(keys))).map(found => found.value[0])).toEqual([3, 1, 2])
        expect((await all(store.deleteMany(keys))).map(String)).toEqual(keys.map(String))
        expect(await all(store.queryKeys({}))).toEqual([])
      }))

    it('applies a batch as it is committed, in its order, and once', () =>
      using(async ({ store }) => {
        await store.put(key, value(1))
        const batch = store.batch()
        batch.put(other, value(2))
        batch.put(other, value(3))
        batch.delete(key)
        expect(names(await all(store.queryKeys({})))).toEqual([String(key)])
        await batch.commit()
        expect(names(await all(store.queryKeys({})))).toEqual([String(other)])
        expect(await stored(store, other)).toEqual([3])
        await store.delete(other)
        await batch.commit()
        expect(await store.has(other)).toBe(false)
      }))

    it('queries by prefix, filters, orders, offset and limit', () =>
      using(async ({ store }) => {
        await all(store.putMany([1, 2, 3, 4, 5, 6].map(n => pair(`/a/${n}`, n))))
        await store.put(new Key('/b/9'), value(9))
        const query = {
          prefix: '/a',
          filters: [({ value: [first] }: Pair) => first !== 3],
          orders: [(a: Pair, b: Pair) => (a.value[0]! > b.value[0]! ? -1 : 1) as -1 | 1],
          offset: 1,
          limit: 3
        }
        expect((await all(store.query(query))).map(found => found.value[0])).toEqual([5, 4, 2])
        const keys = store.queryKeys({ prefix: '/a', filters: [found => String(found) !== '/a/3'], limit: 2 })
        expect((await all(keys)).length).toBe(2)
        expect(names(await all(store.queryKeys({ prefix: '/b' })))).toEqual(['/b/9'])
        expect(await all(store.query({ prefix: '/none' }))).toEqual([])
      }))

    it('lets a caller leave a query early', () =>
      using(async ({ store }) => {
        await all(store.putMany([1, 2, 3].map(n => pair(`/a/${n}`, n))))
        for await (const found of store.query({})) {
          expect(found.value.byteLength).toBe(1)
          break
        }
        expect((await all(store.queryKeys({}))).length).toBe(3)
      }))

    it('keeps every one of puts that run at the same time', () =>
      using(async ({ store }) => {
        const pairs = Array.from({ length: 100 }, (_, n) => pair(`/many/${n}`, n))
        await Promise.all(pairs.map(async ({ key: of, value: put }) => store.put(of, put)))
        expect((await all(store.query({ prefix: '/many' }))).length).toBe(100)
        await Promise.all([7, 8, 9].map(async byte => store.put(key, value(byte))))
        expect(await stored(store)).toEqual([9])
      }))

    it('stops when its signal has fired', () =>
      using(async ({ store }) => {
        const signal = { signal: AbortSignal.abort(new Error('enough')) }
        await store.put(key, value(1))
        for (const call of [
          async () => store.put(key, value(2), signal),
          async () => store.get(key, signal),
          async () => store.has(key, signal),
          async () => store.delete(key, signal),
          async () => all(store.putMany([pair('/a', 1)], signal)),
          async () => all(store.getMany([key], signal)),
          async () => all(store.deleteMany([key], signal)),
          async () => all(store.query({}, signal)),
          async () => all(store.queryKeys({}, signal)),
          async () => store.batch().commit(signal)
        ]) {
          await expect(call()).rejects.toMatchObject({ message: 'enough' })
        }
        expect(await stored(store)).toEqual([1])
      }))

    it('has everything again after a restart, if it is persistent', () =>
      using(async ({ store, restart }) => {
        if (restart === undefined) return
        await store.put(key, value(1))
        const batch = store.batch()
        batch.put(other, value(2))
        await batch.commit()
        const again = await restart()
        expect([await stored(again), await stored(again, other)]).toEqual([[1], [2]])
      }))
  })
}
