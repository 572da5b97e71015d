/** The queues under the scheduler: tokens and those who wait for them, and what is due first. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap, type HeapItem } from './heap.ts'
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

describe('Heap', () => {
  it(
    'gives its items in order, whatever is taken out between',
    () => {
      class Item implements HeapItem {
        heapIndex = -1
        readonly value: number
        constructor(value: number) {
          this.value = value
        }
      }
      fc.assert(
        fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(100)), (values, removals) => {
          const heap = new Heap<Item>((a, b) => a.value - b.value)
          const items = values.map(value => new Item(value))
          for (const item of items) heap.push(item)
          for (const index of removals) {
            const [item] = items.splice(index, 1)
            if (item !== undefined) heap.remove(item)
          }
          const sorted: number[] = []
          for (let next = heap.pop(); next !== undefined; next = heap.pop()) sorted.push(next.value)
          expect(sorted).toEqual(items.map(({ value }) => value).sort((a, b) => a - b))
        }),
        { numRuns }
      )
    },
    timeout
  )
})
