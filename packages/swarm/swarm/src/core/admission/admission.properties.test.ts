/**
 * Random connections of a few addresses, against a list that counts them. `WEFT_RUNS` in the environment sets the number
 * of runs.
 */
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { AdmissionWorld, type Operation } from '../../../test/admission-world.ts'

const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {}
const numRuns = Number(environment['WEFT_RUNS'] ?? 1000)
const timeout = 30_000 + numRuns * 10

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('come' as const),
      source: fc.nat(31),
      // One in eight each.
      allowed: fc.nat(7).map(n => n === 0),
      exempt: fc.nat(7).map(n => n === 0)
    })
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), ticket: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), ticket: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('identify' as const),
      ticket: fc.nat(20),
      peer: fc.nat(2),
      others: fc.nat(1)
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dial' as const), connections: fc.nat(10) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(1500) }) }
)

describe('any connections in any order', () => {
  it(
    'keep to every limit, give way fairly, and leave nothing behind',
    () => {
      fc.assert(
        fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), operations => {
          const world = new AdmissionWorld()
          for (const each of operations) world.run(each)
          world.end()
        }),
        { numRuns }
      )
    },
    timeout
  )
})
