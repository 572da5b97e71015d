import { expect, it } from 'vitest'
import { RecentSet } from './recent-set.ts'

it('knows what was added, and forgets the oldest past its capacity', () => {
  const set = new RecentSet(2)
  expect(['a', 'b', 'a', 'c'].map(item => set.add(item))).toEqual([true, true, false, true])
  expect(['a', 'b', 'c'].map(item => set.has(item))).toEqual([false, true, true])
  expect(set.size).toBe(2)
})
