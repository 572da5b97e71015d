import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TimeoutQueue } from './timeout-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('fires each entry after the delay, unless it is cleared, with one timer', () => {
  const queue = new TimeoutQueue(100)
  const fired: string[] = []
  queue.add(() => fired.push('a'))
  vi.advanceTimersByTime(50)
  const b = queue.add(() => fired.push('b'))
  queue.add(() => fired.push('c'))
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(50)
  expect(fired).toEqual(['a'])
  b.clear()
  vi.advanceTimersByTime(50)
  expect([fired, vi.getTimerCount()]).toEqual([['a', 'c'], 0])
})

it('takes entries while others fire, with one timer still', () => {
  const queue = new TimeoutQueue(100)
  let fired = 0
  const again = (): void => {
    fired++
    queue.add(again)
  }
  for (let i = 0; i < 3; i++) queue.add(again)
  vi.advanceTimersByTime(1000)
  expect([fired, vi.getTimerCount()]).toEqual([30, 1])
})

it('goes on after an entry that throws', () => {
  const errors: unknown[] = []
  const queue = new TimeoutQueue(100, error => void errors.push(error))
  const fired = vi.fn()
  queue.add(() => {
    throw new Error('an entry')
  })
  queue.add(fired)
  vi.advanceTimersByTime(100)
  expect(errors).toEqual([expect.objectContaining({ message: 'an entry' })])
  expect(fired).toHaveBeenCalledOnce()
})
