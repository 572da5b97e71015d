import { describe, expect, it } from 'vitest'
import { changesOf, worse } from './against.mjs'

const catalogue = { throughput: {}, heap: { less: true } }
const changes = values => changesOf(values, catalogue, 'weft', 'old')

describe('the gate against a revision', () => {
  it('compares what was measured in the same round, and takes the median', () => {
    // The machine had half its speed in the second round.
    expect(changes({ throughput: { weft: [100, 45, 99], old: [100, 50, 110] } })).toEqual({ throughput: 0.9 })
  })

  it('turns a ratio round where less is better', () => {
    expect(changes({ heap: { weft: [500], old: [400] } })).toEqual({ heap: 0.8 })
  })

  it('takes what is left of 0.92, and fails what is not, or has no figure', () => {
    expect(worse({ throughput: 0.92, heap: 0.919 })).toEqual(['heap'])
    expect(worse(changes({ throughput: { weft: [], old: [] } }))).toEqual(['throughput'])
  })
})
