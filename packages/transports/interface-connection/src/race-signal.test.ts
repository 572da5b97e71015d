import { describe, expect, it, vi } from 'vitest'
import { onAbort, raceSignal } from './index.ts'

const never = new Promise<never>(() => {})

describe('raceSignal', () => {
  it('has one listener for all that wait for a signal, and none when nothing does', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    await Promise.all(Array.from({ length: 20 }, (_, i) => raceSignal(Promise.resolve(i), signal)))
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([1, 1])
    const races = Array.from({ length: 20 }, () => raceSignal(never, signal))
    expect(add).toHaveBeenCalledTimes(2)
    const reason = new Error('enough')
    controller.abort(reason)
    for (const race of races) await expect(race).rejects.toBe(reason)
    await expect(raceSignal(never, signal)).rejects.toBe(reason)
    expect(add).toHaveBeenCalledTimes(2)
  })
})

describe('onAbort', () => {
  it('calls who still waits, once', () => {
    const controller = new AbortController()
    const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()]
    const forgetFirst = onAbort(controller.signal, first)
    const forgetSecond = onAbort(controller.signal, () => {
      second()
      forgetThird()
    })
    const forgetThird = onAbort(controller.signal, third)
    forgetFirst()
    forgetFirst()
    controller.abort()
    forgetSecond()
    expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0])
  })
})
