import { describe, expect, it } from 'vitest'
import { pingTurnsOf, Turns } from './index.ts'

describe('Turns', () => {
  it('come one after the other, for each key, in order but for who is first', async () => {
    const turns = new Turns<string>()
    const order: string[] = []
    const end = await turns.take('a')
    const take = async (name: string, options = {}): Promise<void> => {
      const done = await turns.take('a', options)
      order.push(name)
      done()
    }
    const all = [take('1'), take('2'), take('0', { first: true })]
    ;(await turns.take('b'))()
    expect(order).toEqual([])
    end()
    await Promise.all(all)
    expect(order).toEqual(['0', '1', '2'])
    const holder = {}
    const last = await turns.take('a', { holder })
    expect(turns.holder('a')).toBe(holder)
    last()
    expect(turns.holder('a')).toBeUndefined()
  })

  it('pass over who has given up', async () => {
    const turns = new Turns<string>()
    const end = await turns.take('a')
    const controller = new AbortController()
    const lost = turns.take('a', { signal: controller.signal })
    const next = turns.take('a')
    controller.abort(new Error('enough'))
    await expect(lost).rejects.toThrow('enough')
    end()
    ;(await next)()
    await expect(turns.take('a', { signal: controller.signal })).rejects.toThrow('enough')
    ;(await turns.take('a'))()
  })

  it('of pings are those of the connection manager', () => {
    const manager = {}
    expect(pingTurnsOf(manager)).toBe(pingTurnsOf(manager))
    expect(pingTurnsOf({})).not.toBe(pingTurnsOf(manager))
  })
})
