import type { TableFill } from '@weft/interface-peer-routing'
import { describe, expect, it } from 'vitest'
import { WalkSchedule } from './schedule.ts'

const init = { delay: 1000, minInterval: 5000, maxInterval: 600_000, random: () => 0 }

/** Runs a schedule in virtual time; `walk` is told how many walks there were before, and gives the table after it. */
function run(until: number, first: TableFill | undefined, walk: (count: number) => [number, TableFill | undefined]) {
  const schedule = new WalkSchedule(init)
  schedule.start(0)
  const walks: number[] = []
  let fill = first
  let wakes = 0
  for (let now = schedule.wakeAt; now <= until; now = schedule.wakeAt) {
    if (++wakes > 1000) throw new Error('a busy loop')
    if (!schedule.tick(fill, now)) continue
    const [found, next] = walk(walks.length)
    walks.push(now)
    fill = next
    schedule.done(found, fill, now)
  }
  return { walks, wakes, schedule }
}

describe('when to walk', () => {
  it('is soon, and every 5 s, while the table fills', () => {
    const { walks } = run(31_000, { peers: 1, emptyRegions: 8 }, i => [20, { peers: 20 * i + 2, emptyRegions: 7 }])
    expect(walks).toEqual([1000, 6000, 11_000, 16_000, 21_000, 26_000, 31_000])
  })

  it('is at most once in ten minutes when the table is full', () => {
    const { walks } = run(6_000_000, { peers: 100, emptyRegions: 0 }, () => [0, { peers: 100, emptyRegions: 0 }])
    for (const [i, at] of walks.entries()) if (i > 0) expect(at - walks[i - 1]!).toBeGreaterThanOrEqual(600_000)
    expect(walks).toHaveLength(10)
  })

  it('is never while the table is empty, and there is no busy loop', () => {
    const { walks, wakes, schedule } = run(3_600_000, { peers: 0, emptyRegions: 1 }, () => [0, undefined])
    expect(walks).toEqual([])
    expect(wakes).toBeLessThan(10)
    schedule.connected(4_000_000)
    expect(schedule.wakeAt).toBe(4_001_000)
    expect(schedule.tick({ peers: 1, emptyRegions: 1 }, 4_001_000)).toBe(true)
  })

  it('is seldom where regions stay empty because nobody is there', () => {
    const { walks } = run(3_600_000, { peers: 5, emptyRegions: 3 }, () => [0, { peers: 5, emptyRegions: 3 }])
    expect(walks.length).toBeLessThan(15)
    expect(walks.at(-1)! - walks.at(-2)!).toBe(600_000)
  })

  it('goes by what walks find where no router tells of a table', () => {
    const { walks } = run(60_000, undefined, count => [count < 3 ? 20 : 0, undefined])
    expect(walks.slice(0, 5)).toEqual([1000, 6000, 11_000, 16_000, 26_000])
  })

  it('is never after a stop', () => {
    const schedule = new WalkSchedule(init)
    schedule.start(0)
    expect(schedule.tick(undefined, 1000)).toBe(true)
    schedule.stop()
    schedule.done(1, undefined, 2000)
    expect(schedule.wakeAt).toBe(Number.POSITIVE_INFINITY)
    expect(schedule.tick(undefined, 1e9)).toBe(false)
  })
})
