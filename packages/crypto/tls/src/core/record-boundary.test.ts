import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordBoundary } from './record-boundary.ts'

describe('the boundary of records', () => {
  it('is found wherever chunks begin and end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(700), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        (sizes, cut) => {
          // application data, version 3.3, length
          const bytes = sizes.flatMap(size => [23, 3, 3, size >> 8, size & 0xff, ...new Array<number>(size).fill(255)])
          const ends = new Set(sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + 5 + size, 0)))
          const boundary = new RecordBoundary()
          expect(boundary.isBetweenRecords).toBe(true)
          for (let at = 0; at < bytes.length; at += cut) {
            boundary.pass(Uint8Array.from(bytes.slice(at, at + cut)))
            expect(boundary.isBetweenRecords).toBe(ends.has(Math.min(at + cut, bytes.length)))
          }
        }
      )
    )
  })
})
