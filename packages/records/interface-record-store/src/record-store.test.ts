import { concat, equals, fromUtf8, toHex } from '@weft/bytes'
import { NotFoundError } from '@weft/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordStoreSuite, suiteRecord, suiteValidators } from './compliance/index.ts'
import {
  InvalidRecordError,
  isInvalidRecordError,
  isPreferred,
  isQuorumError,
  isValidRecord,
  namespaceOf,
  QuorumError,
  type RecordStore,
  recordStoreSymbol,
  validatorFor,
  type Validators
} from './index.ts'

const maxValue = 1024

/** The smallest store that keeps the contract: a map. */
function mapStore(validators: Validators): RecordStore {
  const records = new Map<string, Uint8Array>()
  const from = { store: 'map' }
  return {
    name: 'map',
    capabilities: { persistent: false, shared: false, maxValue, providers: false },
    async put(key, record, options) {
      options?.signal?.throwIfAborted()
      const validator = validatorFor(validators, key)
      if (record.byteLength > maxValue) throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', 'too large')
      await validator.validate(key, record, options)
      // Another put may end while this one waits for the validator: what is compared is what is replaced.
      for (let held = records.get(toHex(key)), seen: typeof held; held !== seen; held = records.get(toHex(key))) {
        seen = held
        if (held === undefined || equals(held, record) || !(await isValidRecord(validator, key, held))) continue
        if (!isPreferred(validator, key, record, held)) throw new QuorumError(1, [{ to: from, status: 'outdated' }])
      }
      records.set(toHex(key), new Uint8Array(record))
      return [{ to: from, status: 'stored' }]
    },
    async *get(key, options) {
      options?.signal?.throwIfAborted()
      const validator = validatorFor(validators, key)
      const record = records.get(toHex(key))
      if (record === undefined) return
      yield { record: new Uint8Array(record), from, valid: await isValidRecord(validator, key, record, options) }
    },
    async getBest(key, options) {
      for await (const { record, valid } of this.get(key, options)) if (valid) return record
      throw new NotFoundError('no valid record')
    },
    async delete(key, options) {
      options?.signal?.throwIfAborted()
      records.delete(toHex(key))
    }
  }
}

recordStoreSuite(
  { describe, it, expect },
  { setup: async ({ validators }) => ({ store: mapStore(validators) }), teardown: async () => {} }
)

describe('namespaces', () => {
  it('are the text between the first two slashes of a key', () => {
    for (const [key, namespace] of [
      ['/pk/abc', 'pk'],
      ['/ipns/', 'ipns'],
      ['/a/b/c', 'a'],
      ['/pk', undefined],
      ['pk/abc', undefined],
      ['//abc', undefined],
      ['', undefined],
      [`/${'n'.repeat(64)}/`, 'n'.repeat(64)],
      [`/${'n'.repeat(65)}/`, undefined]
    ] as const) {
      expect([key, namespaceOf(fromUtf8(key))]).toEqual([key, namespace])
    }
  })

  it('of arbitrary keys are text or undefined, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), rest => {
        const found = namespaceOf(concat([fromUtf8('/'), rest]))
        expect(found === undefined || (found.length > 0 && !found.includes('/'))).toBe(true)
      })
    )
  })
})

describe('validity', () => {
  const key = fromUtf8('/suite/key')
  const validator = validatorFor(
    suiteValidators(() => 0),
    key
  )

  it('is what the validator says, with its exceptions as a no', async () => {
    expect(await isValidRecord(validator, key, suiteRecord(1))).toBe(true)
    expect(await isValidRecord(validator, key, fromUtf8('x'))).toBe(false)
    const broken = { ...validator, validate: () => Promise.reject(new TypeError('broken')) }
    expect(await isValidRecord(broken, key, suiteRecord(1))).toBe(false)
  })

  it('is not decided once the signal has fired', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const waiting = { ...validator, validate: () => Promise.reject(new Error('no verdict')) }
    await expect(isValidRecord(waiting, key, suiteRecord(1), { signal })).rejects.toThrow('enough')
  })

  it('prefers the better record, and the new one of two equal ones', () => {
    expect(isPreferred(validator, key, suiteRecord(2), suiteRecord(1))).toBe(true)
    expect(isPreferred(validator, key, suiteRecord(1), suiteRecord(2))).toBe(false)
    expect(isPreferred(validator, key, suiteRecord(1, 'a'), suiteRecord(1, 'b'))).toBe(true)
  })
})

describe('errors', () => {
  it('of a missed quorum have every outcome, the first causes and a text that names five places', () => {
    const failure = new Error('refused')
    const outcomes = [
      { to: { store: 'a' }, status: 'stored' },
      ...Array.from({ length: 6 }, (_, i) => ({ to: { store: `b${i}` }, status: 'failed', error: failure }) as const)
    ] as const
    const error = new QuorumError(2, outcomes)
    expect(error).toMatchObject({ name: 'QuorumError', code: 'ERR_QUORUM', quorum: 2, outcomes })
    expect(error.message).toBe(
      '1 of 2 places stored the record: a stored, b0 failed (refused), b1 failed (refused), b2 failed (refused), b3 failed (refused) and 2 more'
    )
    expect((error.cause as AggregateError).errors).toHaveLength(6)
    expect(new QuorumError(1, []).message).toContain('none was there to ask')
  })

  it('are known by their names', () => {
    expect(isQuorumError(Object.assign(new Error(), { name: 'QuorumError' }))).toBe(true)
    expect(isQuorumError(new Error())).toBe(false)
    expect(isInvalidRecordError(new InvalidRecordError('ERR_INVALID_RECORD', ''))).toBe(true)
    expect(isInvalidRecordError({ name: 'InvalidRecordError' })).toBe(false)
  })
})

describe('symbol', () => {
  it('is that of every copy', () => {
    expect(recordStoreSymbol).toBe(Symbol.for('@weft/record-store'))
  })
})
