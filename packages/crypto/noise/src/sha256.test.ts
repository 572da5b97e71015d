import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash, hkdf } from './sha256.ts'

const bytes = fc.uint8Array({ maxLength: 200 })

describe('SHA-256 with hashers that are used again', () => {
  it('gives the digest of FIPS 180-4', () => {
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(toHex(hash(Uint8Array.of(0x61), Uint8Array.of(0x62, 0x63)))).toBe(digest)
  })

  it('gives what noble gives, however the input is divided', () => {
    fc.assert(
      fc.property(bytes, bytes, (head, tail) => {
        expect(hash(head, tail)).toEqual(sha256(concat([head, tail])))
      })
    )
  })

  it('gives the key material of RFC 5869, A.3', () => {
    const [first] = hkdf(new Uint8Array(0), new Uint8Array(22).fill(0x0b))
    expect(toHex(first)).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d')
  })

  it('gives the HKDF that noble gives, whatever was computed before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 64 }), bytes), { maxLength: 4 }), inputs => {
        const outputs = inputs.map(([salt, input]) => hkdf(salt, input))
        for (const [i, [salt, input]] of inputs.entries()) {
          expect(concat([...outputs[i]!])).toEqual(nobleHkdf(sha256, input, salt, undefined, 64))
        }
      })
    )
  })

  it('goes on after an input that it refuses', () => {
    expect(() => hkdf(new Uint8Array(32), 'text' as never)).toThrow(TypeError)
    expect(hash(fromHex('616263'))).toEqual(sha256(fromHex('616263')))
    expect(() => hkdf(new Uint8Array(65), new Uint8Array(0))).toThrow(RangeError)
    const [first] = hkdf(new Uint8Array(32), new Uint8Array(1))
    expect(first).toEqual(nobleHkdf(sha256, new Uint8Array(1), new Uint8Array(32), undefined, 32))
  })
})
