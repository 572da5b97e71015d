import { describe, expect, it } from 'vitest'
import { FlowControl } from './flow-control.ts'
import { defaultLimits } from './limits.ts'
import { StreamState } from './stream-state.ts'

const kib = 1024

/** The window, in KiB, after half of one of `window` KiB was received and read `passed` ms after the credit before. */
function grown(window: number, roundTrip: number | undefined, passed: number): number {
  const flow = new FlowControl<undefined>(defaultLimits, () => true)
  flow.roundTrip = roundTrip
  const stream = new StreamState<undefined>(1, false, 1000)
  stream.targetWindow = stream.receiveWindow = window * kib
  const half = (window * kib) / 2
  flow.received(stream, half)
  const credit = flow.consumed(stream, half, () => 1000 + passed)
  expect(credit).toBe(half + stream.targetWindow - window * kib)
  return stream.targetWindow / kib
}

describe('a window', () => {
  it.each([
    ['grows fourfold where nothing but the window holds the sender back', 10, 0, 1024],
    ['grows fourfold up to two round trips', 10, 20, 1024],
    ['doubles up to sixteen', 10, 21, 512],
    ['doubles at sixteen', 10, 160, 512],
    ['stays as it is after that', 10, 161, 256],
    ['stays as it is before the round trip is known', undefined, 0, 256]
  ])('%s', (_what, roundTrip, passed, expected) => {
    expect(grown(256, roundTrip, passed)).toBe(expected)
  })

  it('grows to the limit and no further', () => {
    expect(grown(4096, 10, 0)).toBe(8192)
    expect(grown(8192, 10, 0)).toBe(8192)
  })
})
