import { concat, fromUtf8 } from '@weft/bytes'
import { generateKeyPair, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { publicKeyRecordKey, publicKeyValidator } from './index.ts'

const types = ['Ed25519', 'secp256k1', 'RSA', 'ECDSA'] as const

describe('records of public keys', () => {
  for (const type of types) {
    it(`are valid under the id that the key makes: ${type}`, async () => {
      const [own, other] = await Promise.all([generateKeyPair(type), generateKeyPair('Ed25519')])
      const key = publicKeyRecordKey(peerIdFromPrivateKey(own))
      await publicKeyValidator.validate(key, publicKeyToProtobuf(own.publicKey))
      expect(() => publicKeyValidator.validate(key, publicKeyToProtobuf(other.publicKey))).toThrow(
        expect.objectContaining({ name: 'InvalidRecordError', code: 'ERR_INVALID_RECORD' })
      )
      expect(() => publicKeyValidator.validate(key, new Uint8Array(0))).toThrow(
        expect.objectContaining({ name: 'InvalidRecordError', code: 'ERR_INVALID_RECORD' })
      )
    })
  }

  it('have a peer id behind /pk/', async () => {
    const { publicKey } = await generateKeyPair('Ed25519')
    for (const key of [
      ...['/pk/', '/pk/text', '/ipns/x'].map(fromUtf8),
      concat([fromUtf8('/pk/'), Uint8Array.of(0x12, 0x20)])
    ]) {
      expect(() => publicKeyValidator.validate(key, publicKeyToProtobuf(publicKey))).toThrow(
        expect.objectContaining({ name: 'InvalidRecordError', code: 'ERR_INVALID_RECORD_KEY' })
      )
    }
  })

  it('of one key are all the same: the first is taken', () => {
    expect(publicKeyValidator.select(fromUtf8('/pk/x'), [new Uint8Array(1), new Uint8Array(1)])).toBe(0)
  })
})
