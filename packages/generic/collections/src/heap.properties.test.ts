import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap, type HeapItem } from './heap.ts'

const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
const numRuns = Number(environment?.['WEFT_RUNS'] ?? 2000)
const timeout = 30_000 + numRuns * 10

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
