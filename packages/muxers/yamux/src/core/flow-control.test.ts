import { describe, expect, it } from 'vitest'
import { FlowControl, type WindowBudget } from './flow-control.ts'
import { initialWindow } from './frame.ts'
import { defaultLimits } from './limits.ts'
import { StreamState } from './stream-state.ts'

const kib = 1024
const noBound: WindowBudget<undefined> = { growWindow: () => true, shrinkWindow: () => {}, isShort: () => false }

/** Half of the window has come within `burst` ms, and is read `passed` ms after the credit before. Returns the credit. */
function half(flow: FlowControl<undefined>, stream: StreamState<undefined>, passed: number, burst: number): number {
  const length = stream.targetWindow / 2
  const now = stream.grantedAt + passed
  flow.received(stream, length, now - burst)
  return flow.consumed(stream, length, () => now)
}

/** The window, in KiB, that one of `window` KiB has become after that. */
function grown(window: number, roundTrip: number | undefined, passed: number, burst = passed): number {
  const flow = new FlowControl<undefined>(defaultLimits, noBound)
  flow.roundTrip = roundTrip
  const stream = new StreamState<undefined>(1, false, 1000)
  stream.targetWindow = stream.receiveWindow = window * kib
  const credit = half(flow, stream, passed, burst)
  expect(credit).toBe((window * kib) / 2 + stream.targetWindow - window * kib)
  return stream.targetWindow / kib
}

describe('a window', () => {
  it.each([
    ['grows fourfold where nothing but the window holds the sender back', 1, 0, 0, 1024],
    ['grows fourfold up to two round trips', 10, 20, 20, 1024],
    ['doubles up to sixteen', 10, 21, 21, 512],
    ['doubles at sixteen', 10, 160, 160, 512],
    ['stays as it is after that', 10, 161, 161, 256],
    ['stays as it is before the round trip is known', undefined, 0, 0, 256],
    ['grows at once to what a long link holds', 12, 12, 1, 3072],
    ['no more than sixteenfold by one burst', 200, 200, 1, 4096]
  ])('%s', (_what, roundTrip, passed, burst, expected) => {
    expect(grown(256, roundTrip, passed, burst)).toBe(expected)
  })

  it('grows to the limit and no further', () => {
    expect(grown(8192, 10, 0)).toBe(16_384)
    expect(grown(16_384, 10, 0)).toBe(16_384)
  })

  it('is at its largest in the third round trip of a long link', () => {
    const flow = new FlowControl<undefined>(defaultLimits, noBound)
    flow.roundTrip = 200
    const stream = new StreamState<undefined>(1, false, 0)
    half(flow, stream, 200, 1)
    half(flow, stream, 200, 2)
    expect(stream.targetWindow).toBe(16 * 1024 * kib)
  })

  it('shrinks by halves while the node is short, to what it was, and grants nothing meanwhile', () => {
    const given: number[] = []
    let isShort = false
    const flow = new FlowControl<undefined>(defaultLimits, {
      growWindow: () => !isShort,
      shrinkWindow: (_stream, length) => given.push(length),
      isShort: () => isShort
    })
    flow.roundTrip = 10
    const stream = new StreamState<undefined>(1, false, 0)
    half(flow, stream, 10, 10)
    expect(stream.targetWindow).toBe(4 * initialWindow)
    isShort = true
    expect(half(flow, stream, 10, 10)).toBe(0)
    expect(stream.targetWindow).toBe(2 * initialWindow)
    // The remote has that much left; what it sends of it is granted no more until the window is what it shall be.
    expect(stream.receiveWindow).toBe(2 * initialWindow)
    expect(half(flow, stream, 10, 10)).toBe(0)
    expect([stream.targetWindow, stream.receiveWindow]).toEqual([initialWindow, initialWindow])
    expect(half(flow, stream, 10, 10)).toBe(initialWindow / 2)
    expect(given).toEqual([2 * initialWindow, initialWindow])
  })

  it('takes part of the room where there is not all of it', () => {
    let room = 700 * kib
    const flow = new FlowControl<undefined>(defaultLimits, {
      ...noBound,
      growWindow: (_stream, _window, growth) => {
        if (growth > room) return false
        room -= growth
        return true
      }
    })
    flow.roundTrip = 10
    const stream = new StreamState<undefined>(1, false, 0)
    half(flow, stream, 10, 10)
    expect(stream.targetWindow).toBe(initialWindow + 384 * kib)
  })
})

describe('a stream that nobody reads yet', () => {
  const unread = (flow: FlowControl<undefined>, id: number): StreamState<undefined> => {
    const stream = new StreamState<undefined>(id, false, 0)
    flow.received(stream, initialWindow, 0)
    return stream
  }
  const fill = (
    flow: FlowControl<undefined>,
    stream: StreamState<undefined>,
    mayHold: number,
    streams: number
  ): number => {
    for (let credit = 1; credit > 0; ) {
      credit = flow.readAhead(stream, mayHold, streams)
      flow.received(stream, credit, 0)
    }
    return stream.buffered
  }

  it('takes what it may hold, out of half of what may lie unread, first come first served', () => {
    const flow = new FlowControl<undefined>(defaultLimits, noBound)
    const mayHold = 4 * 1024 * kib
    const streams = [1, 3, 5, 7].map(id => unread(flow, id))
    const held = streams.map(stream => fill(flow, stream, mayHold, 4))
    const ahead = 8 * 1024 * kib - 2 * (mayHold - initialWindow)
    expect(held).toEqual([mayHold, mayHold, initialWindow + ahead, initialWindow])
    // What the first one's reader takes is there for the last.
    flow.consumed(streams[0]!, mayHold, () => 0)
    expect(fill(flow, streams[3]!, mayHold, 4)).toBe(mayHold)
    flow.release(streams[1]!)
    flow.release(streams[2]!)
    flow.release(streams[3]!)
    expect(flow.buffered).toBe(0)
  })

  it('comes behind the initial windows of all', () => {
    const flow = new FlowControl<undefined>(defaultLimits, noBound)
    const stream = unread(flow, 1)
    expect(fill(flow, stream, 4 * 1024 * kib, 60)).toBe(5 * initialWindow)
    expect(flow.readAhead(unread(flow, 3), 4 * 1024 * kib, 64)).toBe(0)
  })
})
