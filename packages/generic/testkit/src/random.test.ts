import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from './index.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('seededRandom', () => {
  it('is mulberry32', () => {
    const random = seededRandom(0)
    expect([random.next(), random.next(), random.next()]).toEqual([
      0.26642920868471265, 0.0003297457005828619, 0.2232720274478197
    ])
  })

  it('gives the same for the same seed', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const [a, b] = [seededRandom(seed), seededRandom(seed)]
        expect(a.bytes(32)).toEqual(b.bytes(32))
        a.next()
        expect(a.fork('link').bytes(8)).toEqual(b.fork('link').bytes(8))
        expect(a.fork('link').bytes(8)).not.toEqual(b.fork('lint').bytes(8))
      })
    )
  })

  it('stays in its range', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 1000 }), (seed, limit) => {
        const random = seededRandom(seed)
        for (let i = 0; i < 100; i++) {
          const value = random.integer(limit)
          expect(Number.isInteger(value) && value >= 0 && value < limit).toBe(true)
        }
        expect([random.chance(0), random.chance(1)]).toEqual([false, true])
      })
    )
  })

  it('is even', () => {
    const random = seededRandom(1)
    const counts = Array.from({ length: 16 }, () => 0)
    for (let i = 0; i < 16_000; i++) counts[random.integer(16)]!++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses the seed %d', seed => {
    expect(() => seededRandom(seed)).toThrow(expect.objectContaining({ name: 'TestkitError', code: 'ERR_OPTION' }))
  })
})
