import { datastoreSuite } from '@weft/interface-storage/compliance'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { MemoryDatastore } from './memory-datastore.ts'

const key = (name: string): Key => new Key(name)
const pair = (name: string, byte: number) => ({ key: key(name), value: Uint8Array.of(byte) })

async function all<T>(source: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

datastoreSuite(
  { describe, it, expect },
  { setup: async () => ({ store: new MemoryDatastore() }), teardown: async () => {} }
)

describe('memory datastore', () => {
  it('puts, gets and deletes, one or many', async () => {
    const store = new MemoryDatastore()
    store.put(key('/a/1'), Uint8Array.of(1))
    expect(store.has(key('/a/1'))).toBe(true)
    expect(store.get(key('/a/1'))).toEqual(Uint8Array.of(1))
    expect(() => store.get(key('/b'))).toThrow(expect.objectContaining({ name: 'NotFoundError' }))
    expect(await all(store.putMany([pair('/a/2', 2), pair('/b/3', 3)]))).toHaveLength(2)
    expect(await all(store.getMany([key('/b/3')]))).toEqual([pair('/b/3', 3)])
    await all(store.deleteMany([key('/b/3')]))
    store.delete(key('/a/2'))
    expect([...store.queryKeys({})].map(String)).toEqual(['/a/1'])
  })

  it('applies a batch when it is committed', async () => {
    const store = new MemoryDatastore()
    store.put(key('/a'), Uint8Array.of(1))
    const batch = store.batch()
    batch.put(key('/b'), Uint8Array.of(2))
    batch.delete(key('/a'))
    expect([...store.queryKeys({})].map(String)).toEqual(['/a'])
    await batch.commit()
    expect([...store.queryKeys({})].map(String)).toEqual(['/b'])
  })

  it('queries by prefix, filter, order, offset and limit', () => {
    const store = new MemoryDatastore()
    for (let i = 0; i < 6; i++) store.put(key(`/a/${i}`), Uint8Array.of(i))
    store.put(key('/b/9'), Uint8Array.of(9))
    const found = store.query({
      prefix: '/a',
      filters: [({ value }) => value[0] !== 3],
      orders: [(a, b) => (a.value[0]! > b.value[0]! ? -1 : 1)],
      offset: 1,
      limit: 2
    })
    expect([...found].map(({ value }) => value[0])).toEqual([4, 2])
    const keys = store.queryKeys({ prefix: '/b', filters: [name => name.toString().endsWith('9')], orders: [() => 0] })
    expect([...keys].map(String)).toEqual(['/b/9'])
  })
})
