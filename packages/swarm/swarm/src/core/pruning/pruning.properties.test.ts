/** What is pruned, against the rules in words. `WEFT_RUNS` in the environment sets the number of runs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, leastWanted } from './least-wanted.ts'

const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {}
const numRuns = Number(environment['WEFT_RUNS'] ?? 1000)

const candidate: fc.Arbitrary<Candidate> = fc.record({
  value: fc.constantFrom(0, 0, 0, 1, 100),
  streams: fc.nat(3),
  outbound: fc.boolean(),
  openedAt: fc.nat(5)
})

describe('what is pruned', () => {
  it('is as much as asked for, worth least, and of outbound ones no more than inbound ones leave over', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 30 }), fc.nat(35), fc.nat(20), (candidates, count, share) => {
        const outbound = candidates.filter(each => each.outbound).length
        const chosen = leastWanted(candidates, count, outbound, share)
        expect(chosen).toHaveLength(Math.min(count, candidates.length))
        expect(new Set(chosen).size).toBe(chosen.length)
        const left = candidates.filter(each => !chosen.includes(each))
        const values = (list: Candidate[]): number[] => list.map(({ value }) => value)
        expect(Math.max(0, ...values(chosen))).toBeLessThanOrEqual(Math.min(100, ...values(left)))
        // One step earlier: was it right to take an outbound one last?
        const outboundLeft = left.filter(each => each.outbound).length
        const last = chosen.at(-1)
        if (last?.outbound === true && outboundLeft < share) {
          expect(left.filter(each => !each.outbound && each.value === last.value)).toEqual([])
        }
      }),
      { numRuns }
    )
  })

  it('is js-libp2p’s order where outbound connections are more than their share', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 20 }), candidates => {
        const order = leastWanted(candidates, candidates.length, Number.POSITIVE_INFINITY, 0)
        for (let i = 1; i < order.length; i++) {
          const [a, b] = [order[i - 1]!, order[i]!]
          const keys = (each: Candidate) => [each.value, each.streams, Number(each.outbound), -each.openedAt]
          const different = keys(a).findIndex((key, k) => key !== keys(b)[k])
          if (different >= 0 && keys(a)[different]! > keys(b)[different]!) throw new Error(`${i} is before its turn`)
        }
      }),
      { numRuns }
    )
  })
})
