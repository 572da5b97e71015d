import { fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePayload, encodePayload, signedBytes } from './payload.ts'

const identityKey = Uint8Array.of(1, 2)
const identitySig = Uint8Array.of(3)

describe('handshake payload', () => {
  it('is written as the specification says', () => {
    const extensions = { webtransportCerthashes: [Uint8Array.of(9)], streamMuxers: ['/y', '/m'] }
    expect(toHex(encodePayload({ identityKey, identitySig, extensions }))).toBe(
      '0a020102' + // identity_key
        '120103' + // identity_sig
        `220b${'0a0109'}${'12022f79'}${'12022f6d'}` // extensions: webtransport_certhashes, stream_muxers twice
    )
  })

  it('may come without extensions', () => {
    expect(decodePayload(encodePayload({ identityKey, identitySig }))).toEqual({ identityKey, identitySig })
  })

  it('is read with fields that are not known, and with extensions in several parts, which belong together', () => {
    const payload = fromHex(
      '0a020102' + // identity_key
        '1a03616263' + // field 3, "data" of earlier drafts
        '22050a01097801' + // extensions: a certificate hash; field 15, a varint
        '22041202' +
        '2f79' + // extensions again: a muxer
        '120103' + // identity_sig
        '9a060178' // field 99, bytes
    )
    expect(decodePayload(payload)).toEqual({
      ...{ identityKey, identitySig },
      extensions: { webtransportCerthashes: [Uint8Array.of(9)], streamMuxers: ['/y'] }
    })
  })

  it.each([
    ['no key', [0x12, 1, 3]],
    ['no signature', [0x0a, 1, 3]],
    ['a length beyond the end', [0x0a, 0x7f, 3]],
    ['65 muxers', [0x0a, 1, 1, 0x12, 1, 1, 0x22, 195, 1, ...Array.from({ length: 65 }, () => [0x12, 1, 0x2f]).flat()]]
  ])('is refused with %s', (_what, bytes) => {
    expect(() => decodePayload(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ name: 'InvalidCryptoExchangeError' })
    )
  })

  it('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        try {
          const payload = decodePayload(bytes)
          expect(decodePayload(encodePayload(payload))).toEqual(payload)
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError' })
        }
      })
    )
  })

  it('signs the static key behind a prefix', () => {
    expect(new TextDecoder().decode(signedBytes(new Uint8Array(1).fill(0x41)))).toBe('noise-libp2p-static-key:A')
  })
})
