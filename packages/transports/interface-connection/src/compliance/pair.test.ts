import { expect, it } from 'vitest'
import { messageStreamPair, settled } from './index.ts'

it('a pair gives what was sent in its order, also around a pause', async () => {
  const [a, b] = messageStreamPair({ maxChunk: 1 })
  const got: number[] = []
  b.addEventListener('message', ({ data }) => got.push(...data.subarray()))
  a.send(Uint8Array.of(1, 2, 3))
  b.pause()
  await settled()
  // What is under way when it resumes was sent behind what had to wait.
  a.send(Uint8Array.of(4, 5))
  b.resume()
  await settled()
  expect(got).toEqual([1, 2, 3, 4, 5])
})
