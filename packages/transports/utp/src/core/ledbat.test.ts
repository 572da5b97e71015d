import { describe, expect, it } from 'vitest'
import { Ledbat } from './ledbat.ts'

/** One acknowledgement each 10 ms, of a packet whose one-way delay is `delay` us by clocks that differ by `offset`. */
function run(ledbat: Ledbat, delay: number, times: number, offset: number, start: number): void {
  for (let i = 0; i < times; i++) ledbat.onAck(1400, (delay + offset) >>> 0, ledbat.window, start + i * 10)
}

describe('LEDBAT', () => {
  it('grows without queueing, and shrinks above the target, whatever the clocks differ by', () => {
    for (const offset of [0, 0xfffffff0, 0x7ffffff0]) {
      const ledbat = new Ledbat(1400)
      run(ledbat, 5000, 20, offset, 0)
      const grown = ledbat.window
      expect(grown).toBeGreaterThan(20_000)
      run(ledbat, 5000 + 250_000, 50, offset, 1000)
      expect(ledbat.queueing).toBe(250_000)
      expect(ledbat.window).toBeLessThan(grown)
    }
  })

  it('takes 0 and 0x7fffffff for no measure', () => {
    const ledbat = new Ledbat(1400)
    run(ledbat, 5000, 5, 0, 0)
    for (const none of [0, 0x7fffffff]) ledbat.onAck(1400, none, ledbat.window, 100)
    expect(ledbat.queueing).toBe(0)
  })

  it('halves its window once for losses at one time, and begins anew after a timeout', () => {
    const ledbat = new Ledbat(1400)
    run(ledbat, 5000, 20, 0, 0)
    const before = ledbat.window
    ledbat.onLoss(1000)
    ledbat.onLoss(1050)
    expect(ledbat.window).toBe(before / 2)
    ledbat.onLoss(1100)
    expect(ledbat.window).toBe(before / 4)
    ledbat.onTimeout()
    expect(ledbat.window).toBe(1400)
  })
})
