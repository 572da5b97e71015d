import type { PrivateKey } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { generateKeyPair } from '@weft/peer-id'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  ancestryScheme,
  createIprsOrder,
  createIprsRecord,
  dateRangeScheme,
  freshBy,
  freshnessScheme,
  iprsReceipts,
  type IprsTerms,
  iprsValue,
  succeeding,
  ttlScheme,
  validFor,
  validWithin
} from './index.ts'

const beacon = { timeOf: ([time]: Uint8Array) => (time === 9 ? undefined : time) }
const order = createIprsOrder([
  dateRangeScheme(),
  ttlScheme({ receipts: iprsReceipts() }),
  ancestryScheme(),
  freshnessScheme({ beacon })
])

let records: Uint8Array[]

// Every scheme, with small numbers, so that many are equal in part; a tree of ancestry; signatures that differ each time.
beforeAll(async () => {
  const own = await generateKeyPair('Ed25519')
  const ecdsa = await generateKeyPair('ECDSA')
  const create = async (key: PrivateKey, terms: IprsTerms, version: number | undefined, data: number) =>
    createIprsRecord(key, { value: iprsValue(data), terms, ...(version === undefined ? {} : { version }) })
  records = []
  for (const version of [0, 1]) {
    for (const data of [0, 1]) {
      for (const terms of [
        validWithin(0, 1),
        validWithin(1, 1),
        validWithin(0, 2),
        validWithin(),
        validFor(1),
        validFor(2),
        validFor(Number.POSITIVE_INFINITY),
        freshBy(Uint8Array.of(1)),
        freshBy(Uint8Array.of(2)),
        freshBy(Uint8Array.of(9)),
        freshBy(Uint8Array.of(9, 1))
      ]) {
        records.push(await create(own, terms, version, data))
      }
      records.push(await create(ecdsa, validWithin(0, 1), version, data))
      records.push(await create(ecdsa, validWithin(0, 1), version, data))
    }
  }
  const tree = [await create(own, succeeding(), 1, 0), await create(own, succeeding(), 1, 1)]
  for (let i = 0; i < 16; i++) tree.push(await create(own, succeeding(tree[(i * 7) % tree.length]), undefined, i % 3))
  records.push(...tree)
})

describe('the order of full records', () => {
  it('is 0 only for equal bytes, antisymmetric and transitive', () => {
    const pick = fc.nat().map(n => records[n % records.length]!)
    fc.assert(
      fc.property(pick, pick, pick, (a, b, c) => {
        const [ab, bc] = [order(a, b), order(b, c)]
        expect(ab === 0).toBe(equals(a, b))
        expect(order(b, a) + ab).toBe(0)
        if (ab >= 0 && bc >= 0) expect(order(a, c)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 400 }
    )
  })

  it('sorts all of them the same way, whatever the list begins with', () => {
    const sorted = records.toSorted(order)
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), shuffled => {
        expect(shuffled.toSorted(order).every((record, i) => equals(record, sorted[i]!))).toBe(true)
      }),
      { numRuns: 2 }
    )
  })

  it('has no place for what is no record', () => {
    expect(() => order(records[0]!, new Uint8Array(3))).toThrow(expect.objectContaining({ name: 'InvalidRecordError' }))
    expect(() => createIprsOrder([])(records[0]!, records[1]!)).toThrow(
      expect.objectContaining({ code: 'ERR_UNKNOWN_SCHEME' })
    )
  })
})
