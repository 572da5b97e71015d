import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LinkOptions, Network, VirtualClock } from './index.ts'

const link: fc.Arbitrary<LinkOptions> = fc.record({
  latency: fc.nat(100),
  jitter: fc.nat(50),
  loss: fc.double({ min: 0, max: 1, noNaN: true }),
  reorder: fc.double({ min: 0, max: 1, noNaN: true }),
  duplicate: fc.double({ min: 0, max: 1, noNaN: true }),
  corrupt: fc.double({ min: 0, max: 1, noNaN: true }),
  bandwidth: fc.integer({ min: 1000, max: 1_000_000 }),
  queue: fc.nat(20_000)
})

/** Sends `count` datagrams, numbered in their first two bytes, one each `interval` ms. */
function run(options: LinkOptions, count: number, seed = 1, interval = 1, size = 100) {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed, link: options })
  const arrived: Array<{ at: number; number: number; bytes: Uint8Array }> = []
  network.bind('b', (from, bytes) => {
    expect(from).toBe('a')
    arrived.push({ at: clock.now, number: bytes[0]! * 256 + bytes[1]!, bytes })
  })
  const a = network.bind('a', () => expect.unreachable())
  for (let i = 0; i < count; i++) {
    const bytes = new Uint8Array(size)
    bytes.set([i >> 8, i & 0xff])
    clock.setTimeout(() => a.send('b', bytes), i * interval)
  }
  clock.runUntilIdle()
  return { network, arrived }
}

describe('datagrams', () => {
  it('give the same log for the same seed', () => {
    fc.assert(
      fc.property(link, fc.nat(1000), (options, seed) => {
        const first = run(options, 50, seed).network.log.toString()
        expect(run(options, 50, seed).network.log.toString()).toBe(first)
      }),
      { numRuns: 30 }
    )
  })

  it('are all accounted for', () => {
    fc.assert(
      fc.property(link, fc.nat(1000), (options, seed) => {
        const { log } = run(options, 50, seed).network
        expect(log.count('send') + log.count('duplicate')).toBe(log.count('deliver') + log.count('drop'))
      }),
      { numRuns: 30 }
    )
  })

  it('arrive at once and unharmed on a perfect wire', () => {
    const { arrived } = run({}, 100)
    expect(arrived.map(({ at, number }) => [at, number])).toEqual(Array.from({ length: 100 }, (_, i) => [i, i]))
  })

  it.each([0.01, 0.1, 0.5])('are lost with the probability %d', loss => {
    const { arrived } = run({ loss }, 10_000)
    // Four standard deviations.
    expect(Math.abs(arrived.length / 10_000 - (1 - loss))).toBeLessThan(4 * Math.sqrt((loss * (1 - loss)) / 10_000))
  })

  it('take latency and jitter, and keep their order', () => {
    const { arrived } = run({ latency: 50, jitter: 20 }, 500)
    expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, i) => i))
    for (const { at, number } of arrived) expect(at - number).toBeGreaterThanOrEqual(50)
    for (const { at, number } of arrived) expect(at - number).toBeLessThan(70)
  })

  it('change their order where the link says so', () => {
    const { arrived } = run({ reorder: 0.1, reorderDelay: 5 }, 1000)
    const late = arrived.filter(({ number }, i) => i > 0 && number < arrived[i - 1]!.number)
    expect(late.length).toBeGreaterThan(50)
    for (const { at, number } of arrived) expect([0, 5]).toContain(at - number)
  })

  it('are doubled and damaged where the link says so', () => {
    const { arrived, network } = run({ duplicate: 0.2, corrupt: 0.2 }, 1000)
    expect(arrived.length).toBe(1000 + network.log.count('duplicate'))
    expect(Math.abs(network.log.count('duplicate') - 200)).toBeLessThan(60)
    expect(Math.abs(network.log.count('corrupt') - 200)).toBeLessThan(60)
  })

  it('respect the bandwidth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 100_000 }), fc.integer({ min: 10, max: 1400 }), (bandwidth, size) => {
        const { arrived } = run({ bandwidth }, 30, 1, 0, size)
        expect(arrived.at(-1)!.at).toBeCloseTo((30 * size * 1000) / bandwidth, 5)
      }),
      { numRuns: 50 }
    )
  })

  it('are dropped beyond the queue, the MTU, and where nobody is', () => {
    const { network, arrived } = run({ bandwidth: 1000, queue: 500 }, 30, 1, 0)
    expect(arrived.length).toBe(5)
    const a = network.bind('c', () => {})
    a.send('b', new Uint8Array(1473))
    a.send('nobody', new Uint8Array(1))
    network.clock.runUntilIdle()
    expect(network.log.events.filter(({ kind }) => kind === 'drop').map(({ detail }) => detail)).toEqual([
      ...Array.from({ length: 25 }, () => 'queue'),
      'mtu',
      'nobody'
    ])
  })

  it('do not cross a partition, also those on their way', () => {
    const clock = new VirtualClock()
    const network = new Network({ clock, seed: 1, link: { latency: 10 } })
    let arrived = 0
    const [a] = ['a', 'b', 'c'].map(name => network.bind(name, () => arrived++))
    a!.send('b', new Uint8Array(1))
    network.partition(['a'], ['b'])
    a!.send('b', new Uint8Array(1))
    a!.send('c', new Uint8Array(1))
    clock.runUntilIdle()
    expect(arrived).toBe(1)
    network.heal()
    a!.send('b', new Uint8Array(1))
    clock.runUntilIdle()
    expect(arrived).toBe(2)
  })

  it('go each way by the link of that way, as it is now', () => {
    const clock = new VirtualClock()
    const network = new Network({ clock, seed: 1 })
    network.connect('a', 'b', { latency: 10 }, { latency: 1 })
    const times: number[] = []
    const a = network.bind('a', () => times.push(clock.now))
    network.bind('b', (_from, bytes) => b.send('a', bytes))
    const b = network.bind('b2', () => {})
    a.send('b', new Uint8Array(1))
    clock.runUntilIdle()
    network.connect('a', 'b', { latency: 100 })
    a.send('b', new Uint8Array(1))
    clock.runUntilIdle()
    expect(times).toEqual([10, 110])
  })

  it('need a free name and an open endpoint', () => {
    const network = new Network({ clock: new VirtualClock(), seed: 1 })
    const a = network.bind('a', () => {})
    expect(() => network.bind('a', () => {})).toThrow(expect.objectContaining({ code: 'ERR_NAME_TAKEN' }))
    a.close()
    expect(() => a.send('b', new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    network.bind('a', () => {})
    a.close()
    expect(() => network.bind('a', () => {})).toThrow(expect.objectContaining({ code: 'ERR_NAME_TAKEN' }))
  })

  it.each([{ loss: 2 }, { loss: Number.NaN }, { latency: -1 }, { bandwidth: 0 }, { mtu: 0 }])('refuse %o', options => {
    const network = new Network({ clock: new VirtualClock(), seed: 1 })
    expect(() => network.connect('a', 'b', options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})
