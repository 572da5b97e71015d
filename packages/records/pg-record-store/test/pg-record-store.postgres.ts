import { toUtf8 } from '@weft/bytes'
import type { RecordStore } from '@weft/interface-record-store'
import { recordStoreSuite, suiteKey, suiteRecord, suiteValidators } from '@weft/interface-record-store/compliance'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PgRecordStore, pgRecordStore, type PgRecordStoreInit, type Rank } from '../src/index.ts'
import { Postgres, programs } from './postgres.ts'

const suiteRank: Rank = (_key, record) => BigInt(toUtf8(record).split('|')[0]!)

// Without a server there is nothing to test: `npm run test:postgres` says where it is.
describe.skipIf(programs === undefined)('records in PostgreSQL', () => {
  let server: Postgres
  let stores: PgRecordStore[] = []

  const open = (init: Partial<PgRecordStoreInit> = {}): PgRecordStore => {
    const store = pgRecordStore({
      connectionString: server.url,
      validators: suiteValidators(() => 0),
      ranks: { suite: suiteRank },
      ...init
    })
    stores.push(store)
    return store
  }
  const best = async (store: RecordStore, key: Uint8Array): Promise<string> => toUtf8(await store.getBest(key))
  const clear = async (): Promise<void> => {
    await Promise.all(stores.map(async store => store.stop()))
    stores = []
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query('drop table if exists weft_records')
    await client.end()
  }

  beforeAll(async () => {
    server = new Postgres()
    await server.start()
  }, 120_000)
  afterEach(clear)
  afterAll(async () => server?.remove())

  for (const [what, ranks] of [
    ['with ranks', { suite: suiteRank }],
    ['without', {}]
  ] as const) {
    describe(what, () => {
      recordStoreSuite(
        { describe, it, expect },
        {
          setup: async ({ validators, now }) => {
            const init = { validators, ranks, now, maxValue: 1024 }
            return { store: open(init), restart: async () => open(init) }
          },
          teardown: clear
        }
      )
    })
  }

  it('puts of 100 keys in any order, from 4 nodes at once, end at the highest rank, in every cache too', async () => {
    const nodes = [open(), open(), open(), open()]
    await Promise.all(nodes.map(async node => node.start()))
    const keys = Array.from({ length: 100 }, (_, i) => suiteKey(`key-${i}`))
    const puts = keys.flatMap((key, k) =>
      Array.from({ length: 100 }, (_, rank) => ({ key, rank, order: (k * 7919 + rank * 104_729) % 9973 }))
    )
    puts.sort((a, b) => a.order - b.order)
    const ended = await Promise.allSettled(
      puts.map(async ({ key, rank }, i) => {
        const node = nodes[i % nodes.length]!
        // Read before, so that there is something in the cache to forget.
        if (i % 3 === 0) await node.getBest(key).catch(() => undefined)
        return node.put(key, suiteRecord(rank))
      })
    )
    for (const result of ended) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ name: 'QuorumError', outcomes: [{ status: 'outdated' }] })
    }
    const highest = toUtf8(suiteRecord(99))
    for (const node of nodes) {
      await vi.waitFor(async () =>
        expect(new Set(await Promise.all(keys.map(async key => best(node, key))))).toEqual(new Set([highest]))
      )
    }
  }, 120_000)

  it('nothing that was acknowledged is lost when the server is killed, and nodes go on when it is back', async () => {
    const nodes = [open(), open(), open(), open()]
    const acknowledged: Uint8Array[] = []
    const putting = nodes.map(async (node, n) => {
      for (let i = 0; ; i++) {
        const key = suiteKey(`${n}-${i}`)
        try {
          await node.put(key, suiteRecord(1))
          acknowledged.push(key)
        } catch (error) {
          return error
        }
      }
    })
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(40), 20_000)
    // One node ends in the middle of its puts.
    await nodes.pop()!.stop()
    await server.kill()
    for (const error of await Promise.all(putting))
      expect(error).toMatchObject({ name: 'QuorumError', outcomes: [{ status: 'failed' }] })
    await server.start()
    for (const node of [...nodes, open()]) {
      const found = await Promise.all(acknowledged.map(async key => best(node, key)))
      expect(found.every(record => record === toUtf8(suiteRecord(1)))).toBe(true)
    }
    await nodes[0]!.put(suiteKey('after'), suiteRecord(5))
    expect(await best(nodes[1]!, suiteKey('after'))).toBe(toUtf8(suiteRecord(5)))
  }, 120_000)

  it('forgets what is kept no longer, and replaces it', async () => {
    let time = 1_000_000
    const store = open({ now: () => time, keepFor: 1000 })
    await store.put(suiteKey('a'), suiteRecord(5))
    time += 1000
    await expect(open({ now: () => time }).getBest(suiteKey('a'))).rejects.toMatchObject({ name: 'NotFoundError' })
    await store.put(suiteKey('a'), suiteRecord(4))
    await store.put(suiteKey('b'), suiteRecord(1))
    expect(await best(store, suiteKey('a'))).toBe(toUtf8(suiteRecord(4)))
    expect(await store.sweep()).toBe(0)
    time += 1000
    expect(await store.sweep()).toBe(2)
  })
})
