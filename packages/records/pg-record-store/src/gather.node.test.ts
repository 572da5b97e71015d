import { describe, expect, it } from 'vitest'
import { Gatherer } from './gather.ts'
import { getStatement, maxRows, powersOfTwo, putStatement } from './schema.ts'

describe('gathering', () => {
  it('runs what comes in one turn as one batch, and never two of one id', async () => {
    const batches: string[][] = []
    const gatherer = new Gatherer<{ id: string }, string>(3, 1, async items => {
      batches.push(items.map(({ id }) => id))
      return items.map(({ id }) => id)
    })
    const ids = ['a', 'b', 'a', 'c', 'd']
    expect(await Promise.all(ids.map(async id => gatherer.add({ id })))).toEqual(ids)
    expect(batches).toEqual([
      ['a', 'b', 'c'],
      ['a', 'd']
    ])
  })

  it('fails those of one batch alone', async () => {
    const gatherer = new Gatherer<{ id: string }, string>(1, 1, async ([item]) => {
      if (item!.id === 'a') throw new Error('away')
      return ['done']
    })
    const [a, b] = await Promise.allSettled(['a', 'b'].map(async id => gatherer.add({ id })))
    expect(a).toMatchObject({ status: 'rejected', reason: { message: 'away' } })
    expect(b).toMatchObject({ status: 'fulfilled', value: 'done' })
  })
})

describe('statements', () => {
  it('are of 2^n rows, all of them', () => {
    const items = Array.from({ length: 2 * maxRows + 77 }, (_, i) => i)
    const parts = powersOfTwo(items)
    expect(parts.map(part => part.length)).toEqual([256, 256, 64, 8, 4, 1])
    expect(parts.flat()).toEqual(items)
    expect(powersOfTwo([])).toEqual([])
  })

  it('have a parameter for each field', () => {
    expect(putStatement(2)).toContain('$11::timestamptz')
    expect(putStatement(2)).not.toContain('$12')
    expect(getStatement(2)).toContain('$5::bytea')
  })
})
