/** Very many peers at once through 160 file descriptors, on virtual time; `npm run sim:dial` has ten thousand. */
import { describe, expect, it } from 'vitest'
import { type Crowd, dialCrowd, makeCrowd } from '../../test/crowd.ts'
import { defaultSchedulerLimits } from './limits.ts'

const size = 2000

describe('a crowd of peers', () => {
  it('is reached as far as it can be, and the descriptors are kept busy', () => {
    const crowd = makeCrowd(size)
    const result = dialCrowd(crowd, 'scheduler')
    expect(result.right).toBe(size)
    expect(result.connected).toBe(0.98 * size)
    expect(result.peak).toBe(160)
    expect(result.time).toBeLessThanOrEqual((1.5 * result.tokenTime) / 160)
    expect(result.time).toBeLessThanOrEqual(0.2 * serialTime(crowd))
  }, 60_000)

  it('is compared with what it is said to be compared with', () => {
    const crowd = makeCrowd(200)
    const serial = dialCrowd(crowd, 'serial')
    expect(serial).toMatchObject({ right: 200, peak: 1, time: serialTime(crowd), tokenTime: serialTime(crowd) })
    const unlimited = dialCrowd(crowd, 'unlimited')
    expect(unlimited).toMatchObject({ right: 200, peak: 4000, attempts: 4000 })
    expect(unlimited.time).toBeLessThan(dialCrowd(crowd, 'scheduler').time)
  }, 60_000)
})

/** What it takes to try all addresses in order, each to its end, until one connects. */
function serialTime({ peers, behaviours }: Crowd): number {
  let time = 0
  for (const addresses of peers) {
    for (const { text } of addresses) {
      const behaviour = behaviours.get(text)!
      time += behaviour.kind === 'silent' ? defaultSchedulerLimits.attemptTimeout : behaviour.after
      if (behaviour.kind === 'connect') break
    }
  }
  return time
}
