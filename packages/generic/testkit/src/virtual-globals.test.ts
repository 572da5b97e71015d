import { afterEach, describe, expect, it } from 'vitest'
import { VirtualGlobals } from './virtual-globals.ts'

const real = { setTimeout, clearTimeout, setInterval, Date, now: performance.now.bind(performance) }
let globals: VirtualGlobals | undefined

afterEach(() => globals?.restore())

function take(): VirtualGlobals {
  globals = new VirtualGlobals()
  return globals
}

describe('globals that are taken over', () => {
  it('have timers that fire when the time is moved, promises in between', async () => {
    const taken = take()
    const seen: string[] = []
    const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
    const walk = async (name: string, ms: number): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await wait(ms)
        seen.push(`${name} ${performance.now()}`)
      }
    }
    void walk('a', 100)
    void walk('b', 150)
    await taken.advance(299)
    expect(seen).toEqual(['a 100', 'b 150', 'a 200'])
    await taken.advance(151)
    expect(seen.slice(3)).toEqual(['b 300', 'a 300', 'b 450'])
    expect(taken.pending).toBe(0)
  })

  it('have one clock for Date, performance and timers', async () => {
    const taken = take()
    const before = Date.now()
    expect(new Date().toISOString()).toBe('2026-01-01T00:00:00.000Z')
    await taken.advance(90_000)
    expect([Date.now() - before, performance.now()]).toEqual([90_000, 90_000])
    expect(new Date()).toBeInstanceOf(real.Date)
    expect(new Date(5).getTime()).toBe(5)
  })

  it('repeat intervals until they are cleared, and set a timer anew', async () => {
    const taken = take()
    let count = 0
    const interval = setInterval(() => {
      if (++count === 3) clearInterval(interval)
    }, 10)
    const late = setTimeout(() => {
      count += 100
    }, 1000) as unknown as { refresh(): void; unref(): unknown }
    expect(late.unref()).toBe(late)
    await taken.advance(900)
    late.refresh()
    await taken.advance(900)
    expect(count).toBe(3)
    await taken.advance(100)
    expect([count, taken.pending]).toEqual([103, 0])
  })

  it('clear a timer by itself or by its number, and take no harm from what is none', async () => {
    const taken = take()
    clearTimeout(Number(setTimeout(() => expect.unreachable(), 1)))
    clearTimeout(setTimeout(() => expect.unreachable(), 1))
    for (const none of [undefined, null, 0, {}]) clearTimeout(none as never)
    await taken.advance(10)
    expect(taken.pending).toBe(0)
  })

  it('abort a signal of a timeout', async () => {
    const taken = take()
    const signal = AbortSignal.timeout(5000)
    await taken.advance(4999)
    expect(signal.aborted).toBe(false)
    await taken.advance(1)
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('move the time until a promise settles, no further', async () => {
    const taken = take()
    setTimeout(() => expect.unreachable(), 10_000)
    const five = new Promise<number>(resolve => setTimeout(() => resolve(5), 5000))
    expect(await taken.until(five)).toBe(5)
    expect(taken.clock.now).toBe(5000)
    const never = taken.until(new Promise(() => {}), 1000)
    await expect(never).rejects.toMatchObject({ name: 'TestkitError', code: 'ERR_CLOCK_RUNAWAY' })
    await expect(taken.until(Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('say so where nothing is left that could settle a promise', async () => {
    await expect(take().until(new Promise(() => {}))).rejects.toMatchObject({ code: 'ERR_CLOCK_RUNAWAY' })
  })

  it('are taken once, and given back as they were', () => {
    const taken = take()
    expect(() => new VirtualGlobals()).toThrow(expect.objectContaining({ code: 'ERR_GLOBALS_TAKEN' }))
    taken.restore()
    taken.restore()
    expect([setTimeout, clearTimeout, setInterval, Date]).toEqual([
      ...[real.setTimeout, real.clearTimeout, real.setInterval, real.Date]
    ])
    expect(Math.abs(performance.now() - real.now())).toBeLessThan(60_000)
  })

  it.runIf('setImmediate' in globalThis)('run immediates in order, those set meanwhile behind them', async () => {
    const taken = take()
    const seen: number[] = []
    setImmediate(() => {
      seen.push(1)
      setImmediate(() => seen.push(3))
    })
    setImmediate(() => seen.push(2))
    clearImmediate(setImmediate(() => seen.push(9)))
    await taken.settle()
    expect(seen).toEqual([1, 2, 3])
  })
})
