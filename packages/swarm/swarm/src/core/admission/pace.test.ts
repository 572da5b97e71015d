import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { handshakeGrace, lookInterval, Pace } from './pace.ts'

const rate = 64

/** Looks at a handshake until it is given up, at most for a minute; returns when, ms. `received`: bytes by a time. */
function givenUpAt(received: (now: number) => number, pace = new Pace(), from = 0): number | undefined {
  pace.resume(from)
  for (let now = from + lookInterval; now <= from + 60_000; now += lookInterval) {
    if (pace.isTooSlow(received(now), rate, now)) return now - from
  }
  return undefined
}

describe('the pace of a handshake', () => {
  it('gives up one that brings nothing after its grace, and a second later for each 64 bytes', () => {
    expect(givenUpAt(() => 0)).toBe(handshakeGrace)
    expect(givenUpAt(() => 64)).toBe(handshakeGrace + 1000)
    expect(givenUpAt(() => 230)).toBe(7000)
    // A byte in 5 s buys next to nothing.
    expect(givenUpAt(now => Math.floor(now / 5000))).toBe(handshakeGrace)
  })

  it('never gives up one that keeps to the rate, however its bytes come', () => {
    const pause = fc.integer({ min: 0, max: handshakeGrace })
    fc.assert(
      fc.property(fc.array(pause, { maxLength: 50 }), pauses => {
        // After each pause comes what the time until then and the next pause need.
        const arrivals: Array<[at: number, bytes: number]> = []
        let at = 0
        for (const length of pauses) arrivals.push([(at += length), Math.ceil((at * rate) / 1000)])
        const received = (now: number): number => arrivals.findLast(([then]) => then <= now)?.[1] ?? 0
        const end = givenUpAt(received)
        return end === undefined || end >= at
      })
    )
  })

  it('gives up any that does not, within a look of when it must', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }), seconds => {
        // Less than 64 bytes in each second, and none after the last of them.
        const received = (now: number): number =>
          seconds.slice(0, Math.floor(now / 1000)).reduce((sum, bytes) => sum + bytes, 0)
        const due = handshakeGrace + (seconds.reduce((sum, bytes) => sum + bytes, 0) / rate) * 1000
        return givenUpAt(received)! < due + lookInterval
      })
    )
  })

  it('counts only the time in which the remote is waited for', () => {
    const pace = new Pace()
    pace.resume(0)
    pace.pause(400)
    expect(pace.isTooSlow(0, rate, 100_000)).toBe(false)
    pace.pause(100_000)
    expect(givenUpAt(() => 0, pace, 200_000)).toBe(handshakeGrace)
    const again = new Pace()
    again.resume(0)
    again.pause(400)
    again.resume(1000)
    again.resume(1100)
    for (let now = 1500; now < 3500; now += lookInterval) expect(again.isTooSlow(0, rate, now)).toBe(false)
    expect(again.isTooSlow(0, rate, 3500)).toBe(false)
    expect(again.isTooSlow(0, rate, 3600)).toBe(true)
  })

  it('holds a look that comes late against nobody', () => {
    const pace = new Pace()
    pace.resume(0)
    for (let look = 1; look < handshakeGrace / lookInterval; look++)
      expect(pace.isTooSlow(0, rate, look * 8000)).toBe(false)
    expect(pace.isTooSlow(0, rate, 60_000)).toBe(true)
  })
})
