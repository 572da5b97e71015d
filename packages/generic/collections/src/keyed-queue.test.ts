import { expect, it } from 'vitest'
import { KeyedQueue } from './keyed-queue.ts'

it('runs the tasks of a key in order, also after one that failed, and those of another at once', async () => {
  const queue = new KeyedQueue()
  const order: string[] = []
  let release = (): void => {}
  const first = queue.run('a', async () => {
    await new Promise<void>(resolve => {
      release = resolve
    })
    order.push('a1')
    throw new Error('a1')
  })
  const second = queue.run('a', async () => void order.push('a2'))
  await queue.run('b', async () => void order.push('b'))
  expect(queue.size).toBe(1)
  release()
  await expect(first).rejects.toThrow('a1')
  await queue.idle('a')
  await second
  expect([order, queue.size]).toEqual([['b', 'a1', 'a2'], 0])
})
