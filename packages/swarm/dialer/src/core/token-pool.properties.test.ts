/** The queue under the scheduler: tokens and those who wait for them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenPool } from './token-pool.ts'

const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
const numRuns = Number(environment?.['WEFT_RUNS'] ?? 2000)
const timeout = 30_000 + numRuns * 10

describe('TokenPool', () => {
  it(
    'hands each released token to exactly one waiter, in order',
    () => {
      const operation = fc.oneof(fc.constant('take'), fc.constant('release'), fc.nat(10))
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 4 }), fc.array(operation, { maxLength: 60 }), (size, operations) => {
          const pool = new TokenPool<number>(size)
          const queue: Array<ReturnType<typeof pool.wait>> = []
          let used = 0
          for (const [i, what] of operations.entries()) {
            if (what === 'take') {
              if (pool.take()) used++
              else queue.push(pool.wait(i))
            } else if (what === 'release') {
              if (used === 0) continue
              const woken = pool.release()
              expect(woken).toBe(queue.shift()?.waiter)
              if (woken === undefined) used--
            } else {
              const [place] = queue.splice(what, 1)
              if (place !== undefined) pool.cancel(place)
            }
            expect([pool.used, pool.waiting]).toEqual([used, queue.length])
            expect(pool.used).toBeLessThanOrEqual(size)
            if (pool.waiting > 0) expect(pool.used).toBe(size)
          }
        }),
        { numRuns }
      )
    },
    timeout
  )
})
