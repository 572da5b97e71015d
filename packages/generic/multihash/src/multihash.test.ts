import { concat, equals, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { decode as decodeForeign } from 'multiformats/hashes/digest'
import { sha256 as foreignSha256, sha512 as foreignSha512 } from 'multiformats/hashes/sha2'
import { CID } from 'multiformats'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  createMultihash,
  decodeMultihash,
  encodeMultihash,
  hashCodes,
  hashName,
  identity,
  type MultihashDigest,
  type MultihashHasher,
  sha256,
  sha512
} from './index.ts'

const invalid = expect.objectContaining({ name: 'InvalidMultihashError', code: 'ERR_INVALID_MULTIHASH' })

const golden =
  '12' + // sha2-256
  '20' + // 32 bytes
  'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9' // of 'hello world'

describe('multihash', () => {
  it('is code, length and digest', () => {
    const multihash = sha256.digest(fromUtf8('hello world'))
    expect(toHex(multihash.bytes)).toBe(golden)
    expect(decodeMultihash(fromHex(golden))).toEqual(multihash)
    expect(multihash).toMatchObject({ code: 0x12, size: 32, digest: fromHex(golden.slice(4)) })
  })

  it.each([
    [0, '', '0000'],
    [0xb220, 'aabb', 'a0e40202aabb'] // blake2b-256, cut to two bytes
  ])('%d of %s is %s', (code, digest, hex) => {
    expect(toHex(encodeMultihash(code, fromHex(digest)))).toBe(hex)
    expect(decodeMultihash(fromHex(hex))).toMatchObject({ code, digest: fromHex(digest) })
  })

  it.each([
    '',
    '12',
    '1220',
    '1202aa', // fewer bytes than announced
    '1202aabbcc', // more
    '128200aabb', // varint is not minimal
    '80808080808080808080010000', // varint-overlong
    '12ffffffffffffffffff01', // varint-u64max
    '12ffffffff7f'
  ])('refuses %s', hex => {
    expect(() => decodeMultihash(fromHex(hex))).toThrow(invalid)
  })

  it('limits the digest', () => {
    const longest = encodeMultihash(0, new Uint8Array(128))
    expect(decodeMultihash(longest).size).toBe(128)
    expect(() => decodeMultihash(encodeMultihash(0, new Uint8Array(129)))).toThrow(invalid)
    expect(() => decodeMultihash(longest, { maxDigestLength: 127 })).toThrow(invalid)
  })

  it.each([-1, 1.5, 2 ** 53])('does not write the code %d', code => {
    expect(() => createMultihash(code, new Uint8Array(0))).toThrow(invalid)
  })

  it('reads what it wrote, as multiformats does', () => {
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ maxLength: 128 }), (code, digest) => {
        const bytes = encodeMultihash(code, digest)
        const decoded = decodeMultihash(bytes)
        expect(decoded).toEqual({ code, size: digest.length, digest, bytes })
        expect({ ...decodeForeign(bytes) }).toEqual(decoded)
      })
    )
  })

  it('decodes any bytes or fails with the typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), bytes => {
        try {
          const { code, digest } = decodeMultihash(bytes)
          expect(toHex(encodeMultihash(code, digest))).toBe(toHex(bytes))
        } catch (error) {
          expect(error).toEqual(invalid)
        }
      })
    )
  })

  it('gives views, and copies only shared memory', () => {
    const bytes = fromHex('0001aa')
    expect(decodeMultihash(bytes).digest.buffer).toBe(bytes.buffer)
    if (typeof SharedArrayBuffer === 'undefined') return
    const shared = new Uint8Array(new SharedArrayBuffer(3))
    shared.set(bytes)
    expect(decodeMultihash(shared).digest.buffer).toBeInstanceOf(ArrayBuffer)
  })
})

describe('hashers', () => {
  it('give what multiformats gives', async () => {
    for (const length of [0, 1, 55, 56, 64, 111, 112, 128, 1000]) {
      const input = Uint8Array.from({ length }, (_, at) => at)
      expect(sha256.digest(input)).toEqual({ ...(await foreignSha256.digest(input)) })
      expect(sha512.digest(input)).toEqual({ ...(await foreignSha512.digest(input)) })
    }
  })

  it('hash to plain byte arrays', () => {
    expect(sha256.encode(fromUtf8('abc')).constructor).toBe(Uint8Array)
    expect(toHex(sha512.encode(fromUtf8('abc'))).slice(0, 32)).toBe('ddaf35a193617abacc417349ae204131') // FIPS 180-2, C.1
  })

  it('have the types of multiformats, whose CID takes them', () => {
    expectTypeOf(sha256).toExtend<MultihashHasher<0x12>>()
    expectTypeOf(identity).toExtend<MultihashHasher<0x00>>()
    expectTypeOf(decodeMultihash).returns.toEqualTypeOf<MultihashDigest>()
    expect(CID.createV0(sha256.digest(fromUtf8('hello world'))).toString()).toBe(
      'QmaozNR7DZHQK1ZcU9p7QdrshMvXqWK6gpu5rmrkPdT3L4'
    )
  })

  it('shorten to a length that still protects', () => {
    const whole = sha256.digest(fromUtf8('abc'))
    const short = sha256.digest(fromUtf8('abc'), { truncate: 20 })
    expect(equals(short.bytes, concat([fromHex('1214'), whole.digest.subarray(0, 20)]))).toBe(true)
    for (const truncate of [19, 33, 20.5, Number.NaN]) {
      expect(() => sha256.digest(fromUtf8('abc'), { truncate })).toThrow(
        expect.objectContaining({ name: 'InvalidParametersError' })
      )
    }
    expect(toHex(identity.digest(fromUtf8('abc'), { truncate: 1 }).bytes)).toBe('000161')
    expect(toHex(identity.digest(fromUtf8('abc')).bytes)).toBe('0003616263')
  })
})

describe('names', () => {
  it.each(Object.entries(hashCodes))('%s is %d', (name, code) => {
    expect(hashName(code)).toBe(name)
  })

  it('are those of the hashers', () => {
    for (const { name, code } of [identity, sha256, sha512]) expect(hashName(code)).toBe(name)
  })

  it('does not know others', () => {
    expect(hashName(0x55)).toBeUndefined()
  })
})
