import { fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextTag, DerCursor, element, tags } from './der.ts'

class Malformed extends Error {}
const malformed = (why: string): Error => new Malformed(why)
const cursor = (hex: string): DerCursor => new DerCursor(fromHex(hex), malformed)

describe('DER', () => {
  it('is written with the shortest lengths', () => {
    const lengths = [0, 127, 128, 255, 256, 65_535]
    const heads = lengths.map(length => toHex(element(tags.octetString, new Uint8Array(length)).subarray(0, 4)))
    expect(heads).toEqual(['0400', '047f0000', '04818000', '0481ff00', '04820100', '0482ffff'])
    expect(toHex(element(contextTag(3), element(contextTag(1, 'primitive'))))).toBe('a3028100')
  })

  it('is stepped over, element by element', () => {
    // SEQUENCE { BOOLEAN TRUE, OCTET STRING 0a0b }, INTEGER 1
    const outside = cursor('30070101ff04020a0b' + '020101')
    const inside = outside.enter(tags.sequence)
    expect(inside.readOptional(tags.integer)).toBeUndefined()
    expect(toHex(inside.readOptional(tags.boolean)!)).toBe('ff')
    expect(() => inside.end()).toThrow('something follows it')
    expect(toHex(inside.read(tags.octetString))).toBe('0a0b')
    expect([inside.next, outside.next]).toEqual([undefined, tags.integer])
    inside.end()
    expect(toHex(outside.readWhole(tags.integer))).toBe('020101')
    outside.end()
  })

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['another tag', '020101'],
    ['a length beyond the end', '3002ff'],
    ['an indefinite length', '30800000'],
    ['a length that is not minimal, of one octet', '30817f' + '00'.repeat(127)],
    ['a length that is not minimal, of two octets', `308200ff${'00'.repeat(255)}`],
    ['a length that is cut off', '308201'],
    ['a length of three octets', `30830001${'00'.repeat(256)}`]
  ])('is not %s', (_what, hex) => {
    expect(() => cursor(hex).read(tags.sequence)).toThrow(Malformed)
    expect(() => cursor(hex).readWhole(tags.sequence)).toThrow(Malformed)
  })

  it('reads back what was written', () => {
    const parts = fc.array(fc.tuple(fc.constantFrom(...Object.values(tags)), fc.uint8Array({ maxLength: 400 })))
    fc.assert(
      fc.property(parts, list => {
        const written = element(tags.sequence, ...list.map(([tag, content]) => element(tag, content)))
        const outside = new DerCursor(written, malformed)
        const inside = outside.enter(tags.sequence)
        expect(list.map(([tag]) => inside.read(tag))).toEqual(list.map(([, content]) => content))
        inside.end()
        outside.end()
      }),
      { numRuns: 200 }
    )
  })
})
