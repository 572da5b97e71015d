import { equals, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPrefix, codeOf, entries, entryOf, nameOf, readPrefix, removePrefix } from './index.ts'

const failing = (code: string) => expect.objectContaining({ name: 'MulticodecError', code })

describe('table', () => {
  it.each([
    ['identity', 0x00],
    ['sha2-256', 0x12],
    ['dag-pb', 0x70],
    ['libp2p-key', 0x72],
    ['ed25519-pub', 0xed],
    ['libp2p-peer-record', 0x0301]
  ])('%s is %d', (name, code) => {
    expect(codeOf(name)).toBe(code)
    expect(nameOf(code)).toBe(name)
    expect(entryOf(name)).toBe(entryOf(code))
  })

  it('has whole rows', () => {
    expect(entryOf('path')).toEqual({
      name: 'path',
      tag: 'namespace',
      code: 0x2f,
      status: 'permanent',
      description: 'Namespace for string paths. Corresponds to `/` in ASCII.'
    })
  })

  it('knows nothing else', () => {
    for (const name of ['', 'nothing', '__proto__', 'constructor']) {
      expect(codeOf(name)).toBeUndefined()
      expect(entryOf(name)).toBeUndefined()
    }
    expect(nameOf(-1)).toBeUndefined()
    expect(nameOf(Number.NaN)).toBeUndefined()
  })

  it('is in the order of codes, each name and code once', () => {
    const all = entries()
    expect(all.every((entry, at) => at === 0 || entry.code > all[at - 1]!.code)).toBe(true)
    expect(new Set(all.map(entry => entry.name)).size).toBe(all.length)
    expect(Object.isFrozen(all) && all.every(entry => Object.isFrozen(entry))).toBe(true)
  })
})

describe('prefix', () => {
  it.each([
    ['dag-cbor', 0x71, '71'],
    ['ed25519-pub', 0xed, 'ed01'],
    ['libp2p-peer-record', 0x0301, '8106']
  ])('%s is %d, written %s', (name, code, hex) => {
    expect(toHex(addPrefix(name, fromHex('aabb')))).toBe(`${hex}aabb`)
    expect(toHex(addPrefix(code, fromHex('aabb')))).toBe(`${hex}aabb`)
    expect(readPrefix(fromHex(`${hex}aabb`))).toEqual({ code, rest: fromHex('aabb') })
  })

  it('gives back what it was put before, as a view', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array(), (code, bytes) => {
        const prefixed = addPrefix(code, bytes)
        expect(readPrefix(prefixed).code).toBe(code)
        expect(equals(removePrefix(prefixed), bytes)).toBe(true)
        expect(removePrefix(prefixed).buffer).toBe(prefixed.buffer)
      })
    )
  })

  it.each([
    '',
    '80',
    '8000',
    '8080808080808080808001', // varint-overlong
    'ffffffffffffffffff01' // varint-u64max
  ])('refuses %s', hex => {
    expect(() => readPrefix(fromHex(hex))).toThrow(failing('ERR_MULTICODEC_PREFIX'))
  })

  it('refuses what is no codec', () => {
    expect(() => addPrefix('nothing', new Uint8Array(0))).toThrow(failing('ERR_MULTICODEC_UNKNOWN'))
    for (const code of [-1, 0.5, 2 ** 53]) {
      expect(() => addPrefix(code, new Uint8Array(0))).toThrow(failing('ERR_MULTICODEC_CODE'))
    }
  })
})
