import { expect, it } from 'vitest'
import { messageStreamPair } from './compliance/index.ts'
import { isOver, onceOver, whenOver } from './index.ts'

it('tells of an end that is to come, once', async () => {
  const [a] = messageStreamPair()
  const told: unknown[] = []
  onceOver(a, error => told.push(error))
  const over = whenOver(a)
  expect([isOver(a), told]).toEqual([false, []])
  const error = new Error('broken off')
  a.abort(error)
  a.abort(error)
  await over
  expect([isOver(a), told]).toEqual([true, [error]])
})

it('tells of an end that has come', async () => {
  const [a] = messageStreamPair()
  a.abort(new Error('broken off'))
  let told = 0
  onceOver(a, () => told++)
  expect(told).toBe(1)
  await whenOver(a)
})
