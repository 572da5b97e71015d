import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePacket, encodePacket, packetType } from './packet.ts'

describe('packets', () => {
  it('are read as they were written', () => {
    const packet = fc.record({
      type: fc.constantFrom(...Object.values(packetType)),
      connectionId: fc.nat(0xffff),
      timestamp: fc.nat(0xffffffff),
      timestampDifference: fc.nat(0xffffffff),
      window: fc.nat(0xffffffff),
      sequence: fc.nat(0xffff),
      acknowledgement: fc.nat(0xffff),
      sack: fc.option(fc.uint8Array({ maxLength: 91 }), { nil: undefined }),
      payload: fc.uint8Array({ maxLength: 100 })
    })
    fc.assert(
      fc.property(packet, value => {
        expect(decodePacket(encodePacket(value))).toEqual(value)
      })
    )
  })

  it('are none if they are cut, of another version or type, or have extensions beyond their end', () => {
    const bytes = encodePacket({
      type: packetType.state,
      connectionId: 1,
      timestamp: 2,
      timestampDifference: 3,
      window: 4,
      sequence: 5,
      acknowledgement: 6,
      sack: Uint8Array.of(1, 0, 0, 0),
      payload: new Uint8Array(0)
    })
    for (let length = 0; length < bytes.byteLength; length++)
      expect(decodePacket(bytes.subarray(0, length))).toBe(undefined)
    expect(decodePacket(Uint8Array.of(0x22, ...bytes.subarray(1)))).toBe(undefined)
    expect(decodePacket(Uint8Array.of(0x51, ...bytes.subarray(1)))).toBe(undefined)
  })

  it('with extensions that nobody knows keep their payload', () => {
    const bytes = Uint8Array.of(0x01, 3, ...new Uint8Array(18), 1, 4, 9, 9, 9, 9, 0, 1, 5, 7)
    expect(decodePacket(bytes)).toMatchObject({ sack: Uint8Array.of(5), payload: Uint8Array.of(7) })
  })
})
