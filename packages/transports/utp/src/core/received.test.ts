import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Received } from './received.ts'
import { after } from './sequence.ts'

describe('what was received', () => {
  it('comes out in order whatever the order in which it came, across the wrap', () => {
    const order = fc.integer({ min: 1, max: 60 }).chain(count =>
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, at) => at),
        { minLength: count }
      )
    )
    fc.assert(
      fc.property(order, fc.nat(0xffff), (arrivals, start) => {
        const received = new Received(start)
        const taken: number[] = []
        for (const at of arrivals) {
          const sequence = after(start, at + 1)
          if (sequence === after(received.last, 1)) {
            received.last = sequence
            taken.push(at)
          } else received.add(sequence, Uint8Array.of(at), 1000)
          for (let next = received.take(); next !== undefined; next = received.take()) taken.push(next[0]!)
        }
        expect(taken).toEqual(arrivals.toSorted((a, b) => a - b))
        expect([received.size, received.bytes, received.sack()]).toEqual([0, 0, undefined])
      })
    )
  })

  it('is told as BEP 29 says: least bit first, from the second behind the gap, in fours', () => {
    const received = new Received(0xfffe)
    for (const sequence of [0, 2, 9]) received.add(sequence, Uint8Array.of(1), 1000)
    expect([...received.sack()!]).toEqual([0b0000_0101, 0b0000_0010, 0, 0])
    received.add(40, Uint8Array.of(1), 1000)
    expect(received.sack()!.byteLength).toBe(8)
  })

  it('keeps no more than there is room for, nothing twice, and nothing far off', () => {
    const received = new Received(0)
    expect(received.add(2, new Uint8Array(10), 9)).toBe(false)
    expect(received.add(2, new Uint8Array(10), 10)).toBe(true)
    expect(received.add(2, new Uint8Array(10), 10)).toBe(false)
    expect([received.add(1024, new Uint8Array(1), 10), received.add(1025, new Uint8Array(1), 10)]).toEqual([
      true,
      false
    ])
    expect(received.add(0xffff, new Uint8Array(1), 10)).toBe(false)
  })
})
