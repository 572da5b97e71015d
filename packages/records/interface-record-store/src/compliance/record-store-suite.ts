import { fromUtf8 } from '@weft/bytes'
import type { TestRunner } from '@weft/interface-connection/compliance'
import type { FoundRecord, RecordStore } from '../record-store.ts'
import type { Validators } from '../validator.ts'
import { suiteKey, suiteRecord, suiteValidators } from './suite-records.ts'

/** A store under test. */
export interface RecordStoreUnderTest {
  /** The store, empty. */
  readonly store: RecordStore
  /** For a persistent store: the same data, opened anew as after the end of the process. */
  readonly restart?: () => Promise<RecordStore>
}

/** Makes the store under test. */
export interface RecordStoreSetup {
  /** Called at the beginning of each test. The store uses these validators, and this clock where it asks for the time. */
  readonly setup: (parts: { validators: Validators; now: () => number }) => Promise<RecordStoreUnderTest>
  /** Called at the end of each test, whatever came of it. */
  readonly teardown: () => Promise<void>
}

const key = suiteKey('key')
const invalid = fromUtf8('no record at all')
const start = 1_700_000_000_000

/** What every record store does. The first cases are those that the suite of 2015 has, or names in its comments. */
export function recordStoreSuite({ describe, it, expect }: TestRunner, options: RecordStoreSetup): void {
  let time = start
  const using = async (use: (parts: RecordStoreUnderTest) => Promise<void>): Promise<void> => {
    time = start
    const now = (): number => time
    const parts = await options.setup({ validators: suiteValidators(now), now })
    try {
      await use(parts)
    } finally {
      await options.teardown()
    }
  }
  const best = async (store: RecordStore, of = key): Promise<string> =>
    new TextDecoder().decode(await store.getBest(of))
  const text = (record: Uint8Array): string => new TextDecoder().decode(record)

  describe('record store', () => {
    it('says what it can be relied on for', () =>
      using(async ({ store, restart }) => {
        expect(store.name === '').toBe(false)
        expect(store.capabilities.maxValue).toBeGreaterThan(0)
        expect(store.capabilities.persistent).toBe(restart !== undefined)
      }))

    it('stores a valid record and tells where', () =>
      using(async ({ store }) => {
        const outcomes = await store.put(key, suiteRecord(1))
        expect(outcomes.length).toBeGreaterThan(0)
        expect(outcomes.some(({ status }) => status === 'stored')).toBe(true)
        expect(outcomes.every(({ to }) => to.store !== '')).toBe(true)
      }))

    it('gives back a valid record, byte for byte, and says from where', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(1, 'text'))
        const found = await all(store.get(key))
        expect(found.map(({ record, valid }) => [text(record), valid])).toEqual([[text(suiteRecord(1, 'text')), true]])
        expect(found[0]?.from.store === '').toBe(false)
        expect(await best(store)).toBe(text(suiteRecord(1, 'text')))
      }))

    it('does not store an invalid record', () =>
      using(async ({ store }) => {
        await expect(store.put(key, invalid)).rejects.toMatchObject({ name: 'InvalidRecordError' })
        expect(await all(store.get(key))).toEqual([])
      }))

    it('keeps the valid ones of many valid and invalid records', () =>
      using(async ({ store }) => {
        for (let i = 0; i < 6; i++) {
          await store.put(suiteKey(`valid-${i}`), suiteRecord(i))
          await expect(store.put(suiteKey(`invalid-${i}`), invalid)).rejects.toMatchObject({
            name: 'InvalidRecordError'
          })
        }
        for (let i = 0; i < 6; i++) {
          expect(await best(store, suiteKey(`valid-${i}`))).toBe(text(suiteRecord(i)))
          await expect(store.getBest(suiteKey(`invalid-${i}`))).rejects.toMatchObject({ name: 'NotFoundError' })
        }
      }))

    it('keeps records of different validity apart as they expire', () =>
      using(async ({ store }) => {
        await store.put(suiteKey('short'), suiteRecord(1, '', start + 10))
        await store.put(suiteKey('long'), suiteRecord(1, '', start + 1000))
        time = start + 10
        expect((await all(store.get(suiteKey('short')))).filter(({ valid }) => valid)).toEqual([])
        await expect(store.getBest(suiteKey('short'))).rejects.toMatchObject({ name: 'NotFoundError' })
        expect(await best(store, suiteKey('long'))).toBe(text(suiteRecord(1, '', start + 1000)))
      }))

    it('refuses a record that has expired already', () =>
      using(async ({ store }) => {
        await expect(store.put(key, suiteRecord(1, '', start))).rejects.toMatchObject({ name: 'InvalidRecordError' })
      }))

    it('replaces an older record', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(1))
        await store.put(key, suiteRecord(2))
        expect(await best(store)).toBe(text(suiteRecord(2)))
      }))

    it('keeps the better record when an older one comes after it, and says so', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(2))
        await expect(store.put(key, suiteRecord(1))).rejects.toMatchObject({ name: 'QuorumError', code: 'ERR_QUORUM' })
        expect(await best(store)).toBe(text(suiteRecord(2)))
      }))

    it('takes the same record twice', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(1))
        const outcomes = await store.put(key, suiteRecord(1))
        expect(outcomes.some(({ status }) => status === 'stored')).toBe(true)
        expect((await all(store.get(key))).length).toBe(1)
      }))

    it('replaces a better record whose time is over', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(9, '', start + 10))
        time = start + 10
        await store.put(key, suiteRecord(1))
        expect(await best(store)).toBe(text(suiteRecord(1)))
      }))

    it('refuses keys without a namespace, or of an unknown one, on put and on get', () =>
      using(async ({ store }) => {
        for (const [wrong, code] of [
          [fromUtf8('key'), 'ERR_INVALID_RECORD_KEY'],
          [fromUtf8('/suite'), 'ERR_INVALID_RECORD_KEY'],
          [fromUtf8('//key'), 'ERR_INVALID_RECORD_KEY'],
          [Uint8Array.of(0x2f, 0xff, 0x2f), 'ERR_INVALID_RECORD_KEY'],
          [fromUtf8('/nobody/key'), 'ERR_UNKNOWN_NAMESPACE'],
          [fromUtf8('/constructor/key'), 'ERR_UNKNOWN_NAMESPACE']
        ] as const) {
          await expect(store.put(wrong, suiteRecord(1))).rejects.toMatchObject({ name: 'InvalidRecordError', code })
          await expect(all(store.get(wrong))).rejects.toMatchObject({ name: 'InvalidRecordError', code })
          await expect(store.getBest(wrong)).rejects.toMatchObject({ name: 'InvalidRecordError', code })
        }
      }))

    it('takes a record of its largest size and refuses one byte more', () =>
      using(async ({ store }) => {
        const { maxValue } = store.capabilities
        const base = suiteRecord(1).byteLength
        await store.put(key, suiteRecord(1, 'x'.repeat(maxValue - base)))
        await expect(store.put(key, suiteRecord(2, 'x'.repeat(maxValue - base + 1)))).rejects.toMatchObject({
          name: 'InvalidRecordError',
          code: 'ERR_RECORD_TOO_LARGE'
        })
      }))

    it('finds nothing under a key that holds nothing', () =>
      using(async ({ store }) => {
        expect(await all(store.get(key))).toEqual([])
        await expect(store.getBest(key)).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('stops when its signal has fired', () =>
      using(async ({ store }) => {
        const signal = AbortSignal.abort(new Error('enough'))
        await store.put(key, suiteRecord(1))
        await expect(store.put(key, suiteRecord(2), { signal })).rejects.toMatchObject({ message: 'enough' })
        await expect(all(store.get(key, { signal }))).rejects.toMatchObject({ message: 'enough' })
        await expect(store.getBest(key, { signal })).rejects.toMatchObject({ message: 'enough' })
        await expect(store.delete(key, { signal })).rejects.toMatchObject({ message: 'enough' })
        expect(await best(store)).toBe(text(suiteRecord(1)))
      }))

    it('lets a caller leave early', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(1))
        for await (const { valid } of store.get(key)) {
          expect(valid).toBe(true)
          break
        }
        expect(await best(store)).toBe(text(suiteRecord(1)))
      }))

    it('ends at the best record of puts that run at the same time', () =>
      using(async ({ store }) => {
        const sequences = [3, 7, 1, 9, 4, 8, 2, 6, 5]
        await Promise.allSettled(sequences.map(sequence => store.put(key, suiteRecord(sequence))))
        expect(await best(store)).toBe(text(suiteRecord(9)))
      }))

    it('owns what it was given, and the caller what it is given', () =>
      using(async ({ store }) => {
        const put = suiteRecord(1, 'text')
        await store.put(key, put)
        put.fill(0)
        const given = await store.getBest(key)
        expect(text(given)).toBe(text(suiteRecord(1, 'text')))
        given.fill(0)
        expect(await best(store)).toBe(text(suiteRecord(1, 'text')))
      }))

    it('forgets a record that is deleted, once and again', () =>
      using(async ({ store }) => {
        await store.put(key, suiteRecord(2))
        await store.delete(key)
        await store.delete(key)
        expect(await all(store.get(key))).toEqual([])
        await store.put(key, suiteRecord(1))
        expect(await best(store)).toBe(text(suiteRecord(1)))
      }))

    it('has its records again after a restart, if it is persistent', () =>
      using(async ({ store, restart }) => {
        if (restart === undefined) {
          expect(store.capabilities.persistent).toBe(false)
          return
        }
        await store.put(key, suiteRecord(3, 'kept'))
        const again = await restart()
        expect(await best(again)).toBe(text(suiteRecord(3, 'kept')))
        await expect(again.put(key, suiteRecord(2))).rejects.toMatchObject({ name: 'QuorumError' })
      }))
  })
}

async function all(found: AsyncIterable<FoundRecord>): Promise<FoundRecord[]> {
  const records: FoundRecord[] = []
  for await (const record of found) records.push(record)
  return records
}
