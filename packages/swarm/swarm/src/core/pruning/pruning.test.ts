import { describe, expect, it } from 'vitest'
import { type Candidate, leastWanted } from './least-wanted.ts'
import { nextLook, pruningNeed, type Watermarks } from './watermarks.ts'

const marks: Watermarks = { low: 6, high: 9, gracePeriod: 60_000, silencePeriod: 10_000 }

describe('watermarks', () => {
  it('ask for pruning past the high one, down to the low one', () => {
    expect(pruningNeed(9, 20, marks, undefined, 0)).toEqual({ kind: 'none' })
    expect(pruningNeed(10, 20, marks, undefined, 0)).toEqual({ kind: 'watermark', count: 4 })
  })

  it('keep silent between two prunings', () => {
    expect(pruningNeed(10, 20, marks, 5000, 14_999)).toEqual({ kind: 'wait', until: 15_000 })
    expect(pruningNeed(10, 20, marks, 5000, 15_000)).toEqual({ kind: 'watermark', count: 4 })
  })

  it('do not stand in the way of the limit', () => {
    expect(pruningNeed(21, 20, marks, 5000, 5001)).toEqual({ kind: 'limit', count: 1 })
    expect(pruningNeed(21, 20, undefined, undefined, 0)).toEqual({ kind: 'limit', count: 1 })
    expect(pruningNeed(20, 20, undefined, undefined, 0)).toEqual({ kind: 'none' })
  })

  it('look again when the first is past its grace, not before silence ends', () => {
    expect(nextLook([], marks, 0)).toBeUndefined()
    expect(nextLook([40_000, 30_000], marks, 50_000)).toBe(90_000)
    expect(nextLook([0], marks, 55_000)).toBe(65_000)
  })
})

describe('the least wanted', () => {
  const idle = (outbound: boolean, openedAt: number, value = 0, streams = 0): Candidate => ({
    value,
    streams,
    outbound,
    openedAt
  })

  it('has few tags, then few streams, is inbound, then new', () => {
    const all = [idle(true, 1), idle(false, 1), idle(false, 2), idle(false, 3, 0, 1), idle(false, 4, 5)]
    expect(leastWanted(all, 5, 9, 0)).toEqual([all[2], all[1], all[0], all[3], all[4]])
  })

  it('is inbound, as long as outbound ones are no more than their share', () => {
    const ours = [idle(true, 1), idle(true, 2)]
    // Streams of the remote’s making do not help.
    const theirs = Array.from({ length: 6 }, (_, i) => idle(false, i, 0, 5))
    expect(leastWanted([...ours, ...theirs], 6, 2, 4)).toEqual([...theirs].reverse())
    // They are more than their share by one.
    expect(leastWanted([...ours, ...theirs], 2, 2, 1)).toEqual([ours[1], theirs[5]])
  })
})
