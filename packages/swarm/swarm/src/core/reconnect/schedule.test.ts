import { seededRandom, VirtualClock } from '@weft/testkit'
import { describe, expect, it } from 'vitest'
import { maxReconnectDelay, type ReconnectLimits, ReconnectSchedule } from './schedule.ts'

const limits: ReconnectLimits = { retries: 5, interval: 1000, factor: 2, maxParallel: 5 }

/** Dials on a virtual clock: every attempt takes `takes` ms, and succeeds from `backAt` on. */
function simulate(given: Partial<ReconnectLimits>, peers: string[], { takes = 0, backAt = Infinity, random = 0.5 }) {
  const clock = new VirtualClock()
  const schedule = new ReconnectSchedule({ ...limits, ...given }, () => random)
  const attempts: Array<[number, string]> = []
  const over: Array<[number, string]> = []
  let running = 0
  let most = 0
  const run = (): void => {
    for (const peer of schedule.take(clock.now)) {
      attempts.push([clock.now, peer])
      most = Math.max(most, ++running)
      clock.setTimeout(() => {
        running--
        if (clock.now >= backAt) {
          schedule.remove(peer)
          over.push([clock.now, 'back'])
        } else if (!schedule.failed(peer, clock.now)) over.push([clock.now, 'given up'])
        run()
      }, takes)
    }
    if (schedule.wakeAt !== undefined) clock.setAt(run, schedule.wakeAt)
  }
  for (const peer of peers) schedule.add(peer, clock.now)
  run()
  clock.runUntilIdle(24 * maxReconnectDelay)
  return { schedule, attempts, over, most }
}

describe('reconnection', () => {
  it('is tried at once, then after delays that double, and given up after the last', () => {
    const { attempts, over, schedule } = simulate({}, ['a'], {})
    expect(attempts.map(([at]) => at)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000])
    expect([over, schedule.size, schedule.wakeAt]).toEqual([[[31_000, 'given up']], 0, undefined])
  })

  it('has a longest delay, so that a peer is found soon after it is back', () => {
    const { over } = simulate({ retries: Infinity }, ['a'], { takes: 6000, backAt: 600_000 })
    expect(over).toHaveLength(1)
    expect(over[0]![0]).toBeLessThanOrEqual(600_000 + maxReconnectDelay + 2 * 6000)
  })

  it('is spread by a quarter, either way', () => {
    expect(simulate({ retries: 1 }, ['a'], { random: 0 }).attempts[1]![0]).toBe(750)
    expect(simulate({ retries: 1 }, ['a'], { random: 1 }).attempts[1]![0]).toBe(1250)
  })

  it('is for so many peers at a time, first come first served', () => {
    const peers = Array.from({ length: 12 }, (_, i) => `p${i}`)
    const { most, attempts } = simulate({ retries: 0 }, peers, { takes: 100 })
    expect(most).toBe(5)
    expect(attempts.map(([, peer]) => peer)).toEqual(peers)
  })

  it('ends where it is not wanted any more, waiting or under way', () => {
    const schedule = new ReconnectSchedule(limits, () => 0.5)
    expect([schedule.add('a', 0), schedule.add('a', 0)]).toEqual([true, false])
    expect(schedule.take(0)).toEqual(['a'])
    schedule.remove('a')
    // An attempt that ends later has nothing to say.
    expect([schedule.failed('a', 5), schedule.size]).toEqual([true, 0])
    schedule.add('b', 0)
    schedule.remove('b')
    expect([schedule.take(0), schedule.wakeAt]).toEqual([[], undefined])
  })

  it('takes an interval of 0 and a factor without bound', () => {
    expect(simulate({ interval: 0, retries: 3, factor: Infinity }, ['a'], {}).attempts).toHaveLength(4)
    const { attempts } = simulate({ retries: 3, factor: Infinity }, ['a'], {})
    expect(attempts.map(([at]) => at)).toEqual([0, 1000, 31_000, 61_000])
  })

  it('keeps to its bounds over random losses', () => {
    const random = seededRandom(11)
    for (let run = 0; run < 200; run++) {
      const { schedule, attempts, most, over } = simulate(
        { retries: random.integer(5), maxParallel: 1 + random.integer(4), interval: random.integer(5000) },
        Array.from({ length: random.integer(20) }, (_, i) => `p${i}`),
        { takes: random.integer(8000), backAt: random.integer(20_000), random: random.next() }
      )
      expect(most).toBeLessThanOrEqual(4)
      expect(schedule.size).toBe(0)
      expect(over.length).toBe(new Set(attempts.map(([, peer]) => peer)).size)
    }
  })
})
