import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rounds, type RoundsInit } from './rounds.ts'

const init: RoundsInit = { timeout: 1000, minConnections: 1, minInterval: 1000, maxInterval: 20_000 }

/** The times of rounds up to `end`, when nothing else happens. */
function run(rounds: Rounds, end: number): number[] {
  const times: number[] = []
  while (rounds.wakeAt <= end) {
    const now = rounds.wakeAt
    expect(rounds.tick(now)).toBe(true)
    times.push(now)
  }
  return times
}

describe('rounds', () => {
  it('follow one another more slowly while nobody is reached, 20 s apart at most', () => {
    const rounds = new Rounds(init)
    rounds.start(0, 0)
    expect(run(rounds, 75_000)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 52_000, 72_000])
  })

  it('end with the first connection and begin anew with the loss of the last', () => {
    const rounds = new Rounds(init)
    rounds.start(0, 0)
    expect(run(rounds, 10_000)).toHaveLength(4)
    rounds.connections(1, 10_000)
    expect(rounds.wakeAt).toBe(Number.POSITIVE_INFINITY)
    rounds.connections(0, 500_000)
    expect(run(rounds, 510_000)).toEqual([501_000, 503_000, 507_000])
  })

  it('are run once where there are connections from the start', () => {
    const rounds = new Rounds(init)
    rounds.start(3, 0)
    expect(run(rounds, 100_000)).toEqual([1000])
  })

  it('reach a peer that comes back after any time within 20 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), back => {
        const rounds = new Rounds(init)
        rounds.start(0, 0)
        run(rounds, back)
        expect(rounds.wakeAt - back).toBeLessThanOrEqual(20_000)
      })
    )
  })

  it('are none before the start and after the stop', () => {
    const rounds = new Rounds(init)
    expect([rounds.wakeAt, rounds.tick(1e9)]).toEqual([Number.POSITIVE_INFINITY, false])
    rounds.start(0, 0)
    rounds.stop()
    rounds.connections(0, 5)
    expect([rounds.wakeAt, rounds.tick(1e9)]).toEqual([Number.POSITIVE_INFINITY, false])
  })
})
