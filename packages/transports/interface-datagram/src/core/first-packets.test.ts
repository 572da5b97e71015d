import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FirstPacket, firstPacketOf, firstPackets } from './first-packets.ts'

const names = Object.keys(firstPackets) as FirstPacket[]

/** First words that one of the predicates looks at, and those beside them. */
const words = [0, 1, 2, 3, 4, 0x00010000, 0x00010008, 0x13fefdff, 0x14fefd00, 0x16feff00, 0x3ffefd00, 0x41000000]
const moreWords = [0x41ffffff, 0x40000000, 0x7fffffff, 0x80000000, 0x80000001, 0xb7776674, 0xbfffffff, 0xc0000000]
const lengths = [0, 1, 6, 7, 8, 12, 13, 19, 20, 63, 64, 65, 119, 120, 1200, 1472]

/** Packets near the edges of the predicates: their first words, lengths, cookie and destination, and anything else. */
const packet = fc
  .record({
    length: fc.oneof(fc.constantFrom(...lengths), fc.nat(1472)),
    first: fc.oneof(fc.constantFrom(...words, ...moreWords), fc.nat(0xffffffff)),
    second: fc.oneof(fc.constantFrom(0x2112a442, 0), fc.nat(0xffffffff)),
    fourth: fc.oneof(fc.constant(0), fc.nat(0xffffffff)),
    fill: fc.nat(255)
  })
  .map(({ length, first, second, fourth, fill }) => {
    const bytes = new Uint8Array(1472).fill(fill)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, first)
    view.setUint32(4, second)
    view.setUint32(12, fourth)
    return bytes.subarray(0, length)
  })

describe('first packets', () => {
  it('are of one protocol at most, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(packet, fc.uint8Array({ maxLength: 200 })), view => {
        const held = names.filter(name => firstPackets[name](view))
        expect(held.length).toBeLessThanOrEqual(1)
        expect(firstPacketOf(view)).toBe(held[0])
      }),
      { numRuns: 20_000 }
    )
  })

  it('are each found by the generator', () => {
    const found = new Set(fc.sample(packet, { numRuns: 50_000, seed: 1 }).map(firstPacketOf))
    expect([...found].filter(name => name !== undefined).toSorted()).toEqual(names.toSorted())
  })

  it('begin with 256 bytes of which each belongs to the protocols that it should', () => {
    const owners = (first: number): string =>
      names
        .filter(name =>
          [20, 64, 120].some(length =>
            [0, 0x01, 0x0100fe, 0xfefd00, 0x776674].some(rest =>
              [0, 0x2112a442].some(second => {
                const bytes = new Uint8Array(length)
                const view = new DataView(bytes.buffer)
                view.setUint32(0, first * 0x1000000 + rest)
                view.setUint32(4, second)
                return firstPackets[name](bytes)
              })
            )
          )
        )
        .join()
    expect(owners(0)).toBe('cjdns,stun')
    expect(owners(0x16)).toBe('dtls')
    expect(owners(0x41)).toBe('utp')
    expect(owners(0x80)).toBe('udt')
    expect(owners(0xb7)).toBe('udp')
    expect(owners(0xc3)).toBe('quic')
    for (const none of [0x40, 0x42, 0x7f, 0x81, 0xbf]) expect(owners(none)).toBe('')
  })
})
