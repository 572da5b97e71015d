import { expect, it } from 'vitest'
import { Timer, Timers } from './timers.ts'

it('fires what is due, those of one time in the order in which they were set', () => {
  const timers = new Timers()
  const fired: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map(name => new Timer(now => void fired.push(`${name} at ${now}`)))
  timers.set(a!, 20)
  timers.set(b!, 10)
  timers.set(c!, 10)
  expect(timers.nextAt).toBe(10)
  timers.run(10)
  expect(fired).toEqual(['b at 10', 'c at 10'])
  timers.set(a!, Number.POSITIVE_INFINITY)
  timers.run(100)
  expect([fired.length, timers.nextAt]).toEqual([2, undefined])
})
