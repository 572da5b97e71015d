import { describe, expect, it } from 'vitest'
import { TokenBucket, TokenBuckets } from './token-buckets.ts'

describe('token buckets', () => {
  it('forget those that were used longest ago, and none of the last half', () => {
    const buckets = new TokenBuckets(4, 1, 1)
    const take = (...keys: string[]): boolean[] => keys.map(key => buckets.take(key, 0))
    expect(take('a', 'b', 'c', 'a', 'd')).toEqual([true, true, true, false, true])
    // a was used again since, b was not.
    expect(take('a', 'b')).toEqual([false, true])
    for (let i = 0; i < 100; i++) {
      take(`${i}`)
      expect(buckets.size).toBeLessThanOrEqual(4)
    }
  })

  it('let nothing through with a rate of 0, and all without a limit', () => {
    const none = new TokenBuckets(2, 0, 0)
    expect([none.take('a', 0), none.take('a', 9e9)]).toEqual([false, false])
    const all = new TokenBuckets(2, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    expect([all.take('a', 0), all.take('a', 0), all.size]).toEqual([true, true, 0])
  })
})

describe('one token bucket', () => {
  it('gives its burst at once, and then as many a second as its rate', () => {
    const bucket = new TokenBucket(2, 3, 0)
    expect([0, 0, 0, 0].map(now => bucket.take(now))).toEqual([true, true, true, false])
    expect([499, 500, 999, 1000].map(now => bucket.take(now))).toEqual([false, true, false, true])
    expect(new TokenBucket(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0).take(0)).toBe(true)
  })
})
