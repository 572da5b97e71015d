import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { twoEnds } from './two-ends.ts'

function content(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8)) & 0xff
  return bytes
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** Compared by hand: deep equality looks at each byte as at a property. */
function isSame(chunks: readonly Uint8Array[], expected: Uint8Array): boolean {
  const bytes = joined(chunks)
  return bytes.byteLength === expected.byteLength && bytes.every((byte, at) => byte === expected[at])
}

describe('a uTP connection', () => {
  it('carries bytes both ways and ends cleanly on both sides, across the wrap of its numbers', () => {
    const { clock, client, server } = twoEnds({ latency: 20 }, 1)
    const [forth, back] = [content(200_000), content(100_000)]
    client.do((connection, now) => {
      connection.write(forth, now)
      connection.end(now)
    })
    clock.runUntil(() => server.ended)
    expect(isSame(server.chunks, forth)).toBe(true)
    // The other half is still open.
    server.do((connection, now) => {
      connection.write(back, now)
      connection.end(now)
    })
    clock.runUntilIdle()
    expect(isSame(client.chunks, back)).toBe(true)
    expect([client.closed, server.closed]).toEqual(['clean', 'clean'])
    expect([client.connection.wakeAt, server.connection.wakeAt]).toEqual([undefined, undefined])
  })

  it('carries bytes whole over links that lose, reorder and double', () => {
    const link = fc.record({
      latency: fc.integer({ min: 1, max: 100 }),
      jitter: fc.nat(20),
      loss: fc.double({ min: 0, max: 0.12, noNaN: true }),
      reorder: fc.double({ min: 0, max: 0.2, noNaN: true }),
      duplicate: fc.double({ min: 0, max: 0.2, noNaN: true })
    })
    fc.assert(
      fc.property(link, fc.nat(1000), fc.integer({ min: 1, max: 60_000 }), (options, seed, length) => {
        // The SYN and its answer are not lost here: a dial is tried again by who dials.
        const { clock, network, client, server } = twoEnds({ latency: options.latency }, seed)
        const bytes = content(length)
        clock.runUntil(() => client.opened)
        network.connect('a', 'b', options)
        client.do((connection, now) => {
          connection.write(bytes, now)
          connection.end(now)
        })
        clock.runUntil(() => server.ended || client.closed !== undefined)
        if (client.closed !== undefined && client.closed !== 'clean') {
          // Five timeouts in a row are possible, and told.
          expect(client.closed.code).toBe('ERR_TIMEOUT')
          return
        }
        expect(isSame(server.chunks, bytes)).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it('stops at a full window, probes it, and goes on when it is read', () => {
    const { clock, client, server } = twoEnds({ latency: 10 }, 1, { receiveWindow: 20_000 })
    server.reading = false
    client.do((connection, now) => connection.write(content(100_000), now))
    clock.advance(60_000)
    // A last packet may exceed the window.
    expect(server.bytes).toBeLessThanOrEqual(21_400)
    expect(client.closed).toBe(undefined)
    server.reading = true
    server.do((connection, now) => connection.consume(server.bytes, now))
    clock.runUntil(() => server.bytes === 100_000)
    expect(isSame(server.chunks, content(100_000))).toBe(true)
  })

  it('keeps an idle connection, and tells a dead one when something is sent', () => {
    const { clock, network, client, server } = twoEnds({ latency: 10 }, 1)
    client.do((connection, now) => connection.write(content(10), now))
    clock.advance(200_000)
    expect([client.closed, server.closed]).toEqual([undefined, undefined])
    network.partition(['a'], ['b'])
    const start = clock.now
    client.do((connection, now) => connection.write(content(10), now))
    clock.runUntil(() => client.closed !== undefined)
    expect(client.closed).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(clock.now - start).toBeLessThanOrEqual(35_000)
  })

  it('tells a dial without an answer, and a reset', () => {
    const silent = twoEnds({ latency: 10, loss: 1 }, 1)
    silent.clock.runUntilIdle()
    expect(silent.client.closed).toMatchObject({ code: 'ERR_SYN_TIMEOUT' })
    const { clock, client, server } = twoEnds({ latency: 10 }, 1)
    client.do((connection, now) => connection.write(content(10), now))
    clock.runUntil(() => server.bytes === 10)
    server.do((connection, now) => connection.reset(now))
    clock.runUntilIdle()
    expect(client.closed).toMatchObject({ code: 'ERR_RESET' })
    expect(() => client.do((connection, now) => connection.write(content(1), now))).toThrow(
      expect.objectContaining({ code: 'ERR_CLOSED' })
    )
  })

  it('keeps most of a link busy when it is alone', () => {
    // 10 Mbit/s, 20 ms each way.
    const { clock, client, server } = twoEnds({ latency: 20, bandwidth: 1_250_000, queue: 500_000 }, 1)
    client.do((connection, now) => connection.write(content(8_000_000), now))
    const start = clock.now
    clock.runUntil(() => server.bytes === 8_000_000)
    const rate = (8_000_000 / (clock.now - start)) * 1000
    expect(rate).toBeGreaterThan(0.8 * 1_250_000)
  })
})
