import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digitsOf, timeOf } from './calendar.ts'

describe('times of certificates', () => {
  it('are those of the system, from the year 0 to 9999', () => {
    const year = (fullYear: number): number => new Date(Date.UTC(2000, 0)).setUTCFullYear(fullYear)
    fc.assert(
      fc.property(fc.integer({ min: year(0), max: year(10_000) - 1 }), time => {
        const digits = new Date(time).toISOString().replaceAll(/[-:T]|\..*/g, '')
        expect(digitsOf(time)).toBe(digits)
        expect(timeOf(digits)).toBe(Math.floor(time / 1000) * 1000)
      }),
      { numRuns: 2_000 }
    )
  })

  it.each(['00000101000000', '19000301000000', '20000229235959', '20240229000000', '99991231235959'])('%s', digits => {
    expect(digitsOf(timeOf(digits)!)).toBe(digits)
  })

  it.each([
    '',
    '2026010203040',
    '202601020304050',
    '2026010203040a',
    '20261301000000',
    '20260001000000',
    '20260100000000',
    '20260230000000',
    '19000229000000',
    '20260431000000',
    '20260101240000',
    '20260101006000',
    '20260101000060'
  ])('%s is none', digits => {
    expect(timeOf(digits)).toBeUndefined()
  })
})
