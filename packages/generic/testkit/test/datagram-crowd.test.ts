import { expect, it } from 'vitest'
import { questionsEach, runDatagramCrowd } from './datagram-crowd.ts'

it('500 nodes ask others, and all are answered, the same way again for the same seed', () => {
  const first = runDatagramCrowd(500, 7)
  expect(first).toMatchObject({ questions: 500 * questionsEach, answers: 500 * questionsEach })
  // All are asked within a second, and no way takes longer than 70 ms.
  expect(first.time).toBeLessThan(1000 + 2 * 70)
  expect(runDatagramCrowd(500, 7)).toEqual(first)
  expect(runDatagramCrowd(500, 8).time).not.toBe(first.time)
})
