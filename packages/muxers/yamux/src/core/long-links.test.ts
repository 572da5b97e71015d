import { ByteQueue, concat } from '@weft/bytes'
import { Network, VirtualClock } from '@weft/testkit'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type SessionLimits } from './limits.ts'
import { Session } from './session.ts'
import type { StreamState } from './stream-state.ts'

// Bytes a second: what 200 ms each way hold of it fits into the largest window.
const bandwidth = 30_000_000
const chunk = new Uint8Array(1024 * 1024)

interface Transfer {
  clock: VirtualClock
  /** Bytes that the reader has taken. */
  read: () => number
  stream: () => StreamState<undefined>
}

/** One stream that is written as fast as it takes bytes, over a link of so many ms each way, to a reader that keeps up. */
function transfer(latency: number, limits: SessionLimits = defaultLimits, growth = Number.POSITIVE_INFINITY): Transfer {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed: 1, link: { latency, bandwidth, mtu: 64 * 1024 } })
  const [near, far] = network.stream('near', 'far')
  let read = 0
  let granted = 0
  let inbound: StreamState<undefined> | undefined
  const nothing = (): void => {}
  const side = (end: typeof near, isWriter: boolean): Session<undefined> => {
    let out: Uint8Array[] = []
    const source = new ByteQueue()
    const flush = (): void => {
      if (out.length > 0) end.write(concat(out))
      out = []
    }
    const write = (stream: StreamState<undefined>): void => {
      do {
        if (source.byteLength === 0) source.push(chunk)
      } while (session.write(stream, source, limits.maxMessageSize))
    }
    const session = new Session<undefined>(
      isWriter,
      limits,
      { push: bytes => void out.push(bytes) },
      {
        admit: () => true,
        growWindow: (_stream, _window, more) => {
          if (granted + more > growth) return false
          granted += more
          return true
        },
        shrinkWindow: nothing,
        isShort: () => false,
        mayHoldUnread: () => 0,
        onOpen: stream => void (inbound = stream),
        onData: (stream, payload) => {
          read += payload.byteLength
          session.consumed(stream, payload.byteLength, () => clock.now)
        },
        onEnd: nothing,
        onReset: nothing,
        onCredit: write,
        onSlot: nothing,
        onPause: nothing,
        onResume: nothing,
        onGoAway: nothing
      },
      clock.now
    )
    end.handler = {
      onData: bytes => {
        session.receive(bytes, clock.now)
        flush()
      }
    }
    if (isWriter) {
      write(session.open(clock.now))
      flush()
    }
    return session
  }
  side(near, true)
  side(far, false)
  return { clock, read: () => read, stream: () => inbound! }
}

describe('one stream over a long link', () => {
  it.each([1, 10, 50, 100, 200])('has nine tenths of it from the fifth round trip on, with %i ms each way', latency => {
    const { clock, read } = transfer(latency)
    clock.advance(10 * latency)
    const before = read()
    const duration = Math.max(200, 10 * latency)
    clock.advance(duration)
    expect((read() - before) / duration).toBeGreaterThan((0.9 * bandwidth) / 1000)
  })

  it('has a window of 16 MiB where the link holds so much, and no larger one', () => {
    const { clock, stream } = transfer(400)
    clock.advance(5000)
    expect(stream().targetWindow).toBe(16 * 1024 * 1024)
  })

  it('keeps to the room that there is', () => {
    const { clock, stream } = transfer(100, defaultLimits, 1024 * 1024)
    clock.advance(2000)
    expect(stream().targetWindow).toBeLessThanOrEqual((1024 + 256) * 1024)
    expect(stream().targetWindow).toBeGreaterThan(1024 * 1024)
  })
})
