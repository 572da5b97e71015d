import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTime, parseTime, toNanoseconds } from './rfc3339.ts'

describe('times of records', () => {
  it('are written with nine digits', () => {
    expect(formatTime(Date.UTC(2026, 0, 31, 12, 0, 0, 18))).toBe('2026-01-31T12:00:00.018000000Z')
    expect(() => formatTime(Date.UTC(10_000, 0))).toThrow(RangeError)
  })

  it('are read with zero to nine digits, in UTC alone', () => {
    const second = BigInt(Date.UTC(2026, 0, 31, 12)) * 1_000_000n
    for (const [text, nanoseconds] of [
      ['2026-01-31T12:00:00Z', second],
      ['2026-01-31T12:00:00.1Z', second + 100_000_000n],
      ['2026-01-31T12:00:00.123456789Z', second + 123_456_789n],
      ['2026-01-31T12:00:00.1234567891Z', undefined],
      ['2026-01-31T12:00:00+01:00', undefined],
      ['2026-02-30T12:00:00Z', undefined],
      ['2026-13-01T12:00:00Z', undefined],
      ['2026-01-31 12:00:00Z', undefined],
      ['yesterday', undefined],
      ['', undefined]
    ] as const) {
      expect([text, parseTime(text)]).toEqual([text, nanoseconds])
    }
  })

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(0, 0), max: Date.UTC(9999, 11, 31) }), time => {
        expect(parseTime(formatTime(time))).toBe(toNanoseconds(time))
      })
    )
  })
})
