import { fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSignedKey, encodeSignedKey, signedBytes } from './extension.ts'

const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => i)

describe('the libp2p extension', () => {
  it('is written as DER', () => {
    // SEQUENCE of 7 bytes: OCTET STRING of 2, OCTET STRING of 1
    expect(toHex(encodeSignedKey({ publicKey: bytes(2), signature: bytes(1) }))).toBe('3007' + '04020001' + '040100')
    // lengths of 128 and 256 take one octet and two behind the first
    expect(toHex(encodeSignedKey({ publicKey: bytes(128), signature: bytes(256) })).slice(0, 14)).toBe('30820187048180')
  })

  it('is written as in the specification, for an Ed25519 identity', () => {
    // The key of the specification's first certificate, as the protobuf PublicKey: Type 1, Data of 32 bytes.
    const publicKey = fromHex('08011220a77f1d92fedb59dddaea5a1c4abd1ac2fbde7d7b879ed364501809923d7c11b9')
    const signature = fromHex(
      'd90d2769db992d5e6195dbb08e706b6651e024fda6cfb8846694a435519941cac215a8207792e42849cccc6cd8136c6e4bde92a58c5e08cf' +
        'd4206eb5fe0bf909'
    )
    expect(toHex(encodeSignedKey({ publicKey, signature }))).toBe(
      '3068' + // SEQUENCE of 104 bytes
        `0424${toHex(publicKey)}` + // OCTET STRING of 36
        `0440${toHex(signature)}` // OCTET STRING of 64
    )
  })

  it('signs the key of the certificate behind a prefix', () => {
    expect(toHex(signedBytes(fromHex('0102')))).toBe(`${toHex(new TextEncoder().encode('libp2p-tls-handshake:'))}0102`)
  })

  it('is read as it was written', () => {
    const field = fc.uint8Array({ maxLength: 1500 })
    fc.assert(
      fc.property(field, field, (publicKey, signature) => {
        expect(decodeSignedKey(encodeSignedKey({ publicKey, signature }))).toEqual({ publicKey, signature })
      })
    )
  })

  it.each([
    ['nothing', ''],
    ['another type', '3105040100040100'],
    ['one field', '3003040100'],
    ['three fields', '3009040100040100040100'],
    ['something behind', '300604010004010000'],
    ['a field that is cut off', '30060401000402ff'],
    ['a length that is not minimal', '30810604010004010a'],
    ['an indefinite length', '30800401000401000000'],
    ['a length of three octets', '308300000604010004010a']
  ])('refuses %s', (_what, hex) => {
    expect(() => decodeSignedKey(fromHex(hex))).toThrow(expect.objectContaining({ name: 'InvalidCryptoExchangeError' }))
  })

  it('is refused above 4,096 bytes', () => {
    const long = encodeSignedKey({ publicKey: bytes(4096), signature: bytes(1) })
    expect(() => decodeSignedKey(long)).toThrow('at most 4096')
  })

  it('reads any bytes or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), input => {
        try {
          expect(encodeSignedKey(decodeSignedKey(input))).toEqual(input)
        } catch (error) {
          expect((error as Error).name).toBe('InvalidCryptoExchangeError')
        }
      })
    )
  })
})
