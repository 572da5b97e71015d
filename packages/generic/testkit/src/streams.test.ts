import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LinkOptions, Network, type StreamEnd, type StreamFaults, VirtualClock } from './index.ts'

const link: fc.Arbitrary<LinkOptions> = fc.record({
  latency: fc.nat(100),
  jitter: fc.nat(50),
  loss: fc.double({ min: 0, max: 0.9, noNaN: true }),
  reorder: fc.constant(0.5),
  duplicate: fc.constant(0.5),
  corrupt: fc.constant(0.5),
  bandwidth: fc.integer({ min: 1000, max: 1_000_000 }),
  mtu: fc.integer({ min: 1, max: 300 })
})

function open(options: LinkOptions = {}, faults: StreamFaults = {}, seed = 1) {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed, link: options })
  const [a, b] = network.stream('a', 'b', faults)
  return { clock, network, a, b, atA: listen(a), atB: listen(b) }
}

function listen(end: StreamEnd): { bytes: number[]; events: string[] } {
  const heard: { bytes: number[]; events: string[] } = { bytes: [], events: [] }
  end.handler = {
    onData: bytes => heard.bytes.push(...bytes),
    onEnd: () => heard.events.push('end'),
    onReset: () => heard.events.push('reset')
  }
  return heard
}

const numbers = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)

describe('streams', () => {
  it('deliver all bytes in order, then the end, whatever the link does', () => {
    fc.assert(
      fc.property(
        link,
        fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }),
        fc.nat(1000),
        (options, writes, seed) => {
          const { clock, network, a, b, atA, atB } = open(options, {}, seed)
          for (const bytes of writes) {
            a.write(bytes)
            b.write(bytes)
          }
          a.end()
          b.end()
          expect(a.queued).toBe(writes.reduce((sum, bytes) => sum + bytes.length, 0))
          clock.runUntilIdle(10 ** 9)
          expect(atB).toEqual({ bytes: writes.flatMap(bytes => [...bytes]), events: ['end'] })
          expect(atA).toEqual(atB)
          expect(a.queued).toBe(0)
          for (const { kind, bytes } of network.log.events)
            if (kind === 'deliver') expect(bytes <= options.mtu!).toBe(true)
        }
      ),
      { numRuns: 50 }
    )
  })

  it('give the same log for the same seed', () => {
    const log = (options: LinkOptions, seed: number): string => {
      const { clock, network, a } = open(
        options,
        {
          forth: [
            { kind: 'flip', at: 3 },
            { kind: 'cut', at: 700 }
          ]
        },
        seed
      )
      a.write(numbers(1000))
      clock.runUntilIdle(10 ** 9)
      return network.log.toString()
    }
    fc.assert(
      fc.property(link, fc.nat(1000), (options, seed) => log(options, seed) === log(options, seed)),
      { numRuns: 30 }
    )
  })

  it('respect the bandwidth, which they share with all on the link', () => {
    const { clock, network, a, atB } = open({ bandwidth: 10_000, latency: 5 })
    const [other] = network.stream('a', 'b')
    a.write(numbers(1000))
    other.write(numbers(1000))
    clock.advance(104)
    expect(atB.bytes.length).toBe(0)
    clock.advance(1)
    expect(atB.bytes.length).toBe(1000)
    expect(other.queued).toBe(1000)
    expect(clock.runUntilIdle()).toBe(205)
  })

  it('come late where packets are lost, and the rest behind them', () => {
    const { clock, a, atB } = open({ loss: 0.5, latency: 10, mtu: 10 })
    a.write(numbers(200))
    expect(clock.runUntilIdle()).toBeGreaterThanOrEqual(210)
    expect(atB.bytes).toEqual([...numbers(200)])
  })

  it('do not see what the writer does to its buffer', () => {
    const { clock, a, atB } = open()
    const bytes = numbers(4)
    a.write(bytes)
    bytes.fill(9)
    clock.runUntilIdle()
    expect(atB.bytes).toEqual([0, 1, 2, 3])
  })

  it('are cut at a byte, for both ends', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 20 }), (at, mtu) => {
        const { clock, a, b, atA, atB } = open({ mtu }, { forth: [{ kind: 'cut', at }] })
        a.write(numbers(50))
        clock.runUntilIdle()
        expect(atB).toEqual({ bytes: [...numbers(at)], events: ['reset'] })
        expect(atA.events).toEqual(['reset'])
        for (const end of [a, b]) {
          expect(() => end.write(numbers(1))).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
        }
      })
    )
  })

  it('freeze at a byte, for a time or for ever', () => {
    const { clock, a, b, atA, atB } = open(
      {},
      { forth: [{ kind: 'freeze', at: 3, duration: 100 }], back: [{ kind: 'freeze', at: 2 }] }
    )
    a.write(numbers(5))
    b.write(numbers(5))
    clock.advance(99)
    expect([atB.bytes, atA.bytes]).toEqual([
      [0, 1, 2],
      [0, 1]
    ])
    clock.runUntilIdle()
    expect([atB.bytes.length, atA.bytes.length, b.queued]).toEqual([5, 2, 3])
  })

  it('flip a bit', () => {
    const { clock, network, a, atB } = open({}, { forth: [{ kind: 'flip', at: 1, bit: 7 }] })
    a.write(numbers(3))
    clock.runUntilIdle()
    expect(atB.bytes).toEqual([0, 0x81, 2])
    expect(network.log.count('flip', 'a>b')).toBe(1)
  })

  it('wait while paused and while parted', () => {
    const { clock, network, a, b, atB } = open()
    b.pause()
    a.write(numbers(3))
    clock.advance(10)
    expect([atB.bytes, a.queued]).toEqual([[], 3])
    network.partition(['a'], ['b'])
    b.resume()
    clock.advance(10)
    expect(atB.bytes).toEqual([])
    network.heal()
    clock.runUntilIdle()
    expect(atB.bytes).toEqual([0, 1, 2])
  })

  it('stop between two packets when the handler pauses', () => {
    const { clock, a, b } = open({ mtu: 2 })
    const seen: number[] = []
    b.handler = {
      onData: bytes => {
        seen.push(...bytes)
        b.pause()
      }
    }
    a.write(numbers(6))
    clock.advance(1)
    expect(seen).toEqual([0, 1])
    b.resume()
    clock.advance(1)
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('are reset by one end, heard by the other only', () => {
    const { clock, a, b, atA, atB } = open({ latency: 10 })
    a.write(numbers(3))
    b.write(numbers(3))
    a.reset()
    a.reset()
    expect(() => a.end()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    clock.runUntilIdle()
    expect([atA, atB]).toEqual([
      { bytes: [], events: [] },
      { bytes: [], events: ['reset'] }
    ])
    expect(() => b.write(numbers(1))).toThrow(expect.objectContaining({ name: 'TestkitError' }))
  })

  it('are quiet when both ends reset at once', () => {
    const { clock, a, b, atA, atB } = open({ latency: 10 })
    a.reset()
    b.reset()
    clock.runUntilIdle()
    expect([...atA.events, ...atB.events]).toEqual([])
  })
})
