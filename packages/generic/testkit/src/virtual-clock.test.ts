import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from './index.ts'

describe('VirtualClock', () => {
  it('fires in the order of time, then of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), delays => {
        const clock = new VirtualClock(1000)
        const fired: Array<[number, number]> = []
        for (const [i, delay] of delays.entries()) clock.setTimeout(() => fired.push([clock.now - 1000, i]), delay)
        clock.runUntilIdle()
        expect(fired).toEqual(delays.map((delay, i) => [delay, i]).toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!))
      })
    )
  })

  it('stands still until it is moved, and stops where it is told', () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    clock.setTimeout(() => fired.push('a'), -5)
    clock.setTimeout(() => fired.push('b'), 10)
    clock.setTimeout(() => fired.push('c'), 11)
    expect([fired, clock.nextAt, clock.pending]).toEqual([[], 0, 3])
    clock.advance(10)
    expect([fired, clock.now, clock.nextAt]).toEqual([['a', 'b'], 10, 11])
    expect(() => clock.advanceTo(9)).toThrow(expect.objectContaining({ code: 'ERR_CLOCK_BACKWARDS' }))
  })

  it('fires what callbacks set, and not what they clear', () => {
    const clock = new VirtualClock()
    const fired: number[] = []
    const cleared = clock.setTimeout(() => fired.push(-1), 5)
    clock.setTimeout(() => {
      clock.clearTimeout(cleared)
      clock.setTimeout(() => fired.push(clock.now), 2)
    }, 1)
    clock.clearTimeout(undefined)
    expect(clock.runUntilIdle()).toBe(3)
    expect(fired).toEqual([3])
  })

  // With a sorted list it takes minutes.
  it('has room for 200,000 timers, whichever are cleared', () => {
    const clock = new VirtualClock()
    const fired: number[] = []
    const handles = Array.from({ length: 200_000 }, (_, i) =>
      clock.setTimeout(() => fired.push(i), (i * 7919) % 200_000)
    )
    for (const [i, handle] of handles.entries()) if (i % 1000 !== 0) clock.clearTimeout(handle)
    expect(clock.pending).toBe(200)
    clock.runUntilIdle()
    const due = Array.from({ length: 200 }, (_, i) => i * 1000)
    expect(fired).toEqual(due.toSorted((a, b) => ((a * 7919) % 200_000) - ((b * 7919) % 200_000)))
  })

  it('fires the next timer alone', () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    for (const name of ['a', 'b']) clock.setTimeout(() => fired.push(`${name} ${clock.now}`), 5)
    expect([clock.runNext(), ...fired, clock.pending]).toEqual([true, 'a 5', 1])
    expect([clock.runNext(), clock.runNext()]).toEqual([true, false])
    expect(fired).toEqual(['a 5', 'b 5'])
  })

  it('runs until a condition holds', () => {
    const clock = new VirtualClock()
    let ticks = 0
    const tick = (): void => {
      ticks++
      clock.setTimeout(tick, 10)
    }
    tick()
    expect(clock.runUntil(() => ticks === 1)).toBe(0)
    expect(clock.runUntil(() => ticks === 4)).toBe(30)
    expect(() => clock.runUntil(() => ticks === 0, 100)).toThrow(expect.objectContaining({ code: 'ERR_CLOCK_RUNAWAY' }))
    expect(() => clock.runUntilIdle(100)).toThrow(expect.objectContaining({ code: 'ERR_CLOCK_RUNAWAY' }))
  })

  it('ends a loop that takes no time', () => {
    const clock = new VirtualClock()
    const again = (): void => void clock.setTimeout(again, 0)
    again()
    expect(() => clock.advance(1)).toThrow(expect.objectContaining({ code: 'ERR_CLOCK_RUNAWAY' }))
    expect(() => clock.setAt(again, Number.NaN)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})
