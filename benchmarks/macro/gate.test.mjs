import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalogue } from './bench.mjs'
import { compare, ratiosOf } from './gate.mjs'

const some = { throughput: {}, heap: { less: true } }
const ok = (committed, measured) => compare(committed, measured, some).map(figure => figure.ok)

describe('the gate', () => {
  it('takes a ratio down to 0.8 of the committed one', () => {
    expect(ok({ throughput: 2 }, { throughput: 1.6 })).toEqual([true])
    expect(ok({ throughput: 2 }, { throughput: 1.599 })).toEqual([false])
    expect(ok({ throughput: 2 }, { throughput: 9 })).toEqual([true])
  })

  it('takes one of which less is better up to 1/0.8 of the committed one', () => {
    expect(ok({ heap: 0.4 }, { heap: 0.5 })).toEqual([true])
    expect(ok({ heap: 0.4 }, { heap: 0.501 })).toEqual([false])
    expect(ok({ heap: 0.4 }, { heap: 0.1 })).toEqual([true])
  })

  it('judges each figure by itself', () => {
    expect(ok({ throughput: 2, heap: 0.4 }, { throughput: 1, heap: 0.4 })).toEqual([false, true])
  })

  it('fails what was not measured', () => {
    expect(ok({ throughput: 2, heap: 0.4 }, {})).toEqual([false, false])
  })

  it('makes ratios of what both have', () => {
    const medians = {
      throughput: { weft: 300, js: 120 },
      secio: { weft: 300, js: undefined },
      heap: { weft: 5, js: 0 }
    }
    expect(ratiosOf(medians)).toEqual({ throughput: 2.5 })
  })

  it('is committed for measures that are there', () => {
    const committed = JSON.parse(readFileSync(new URL('../ratios.json', import.meta.url), 'utf8'))
    expect(Object.keys(catalogue)).toEqual(expect.arrayContaining(Object.keys(committed)))
    expect(compare(committed, committed, catalogue).every(figure => figure.ok)).toBe(true)
  })
})
