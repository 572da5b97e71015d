import { concat, fromHex, fromUtf8 } from '@weft/bytes'
import { describe, expect, it } from 'vitest'
import { publicKeyFromProtobuf } from '../keys.ts'
import { rsaPublic } from '../rsa.ts'
import { encodeKeyMessage } from './key-message.ts'
import { decodeRsaPublic, encodeRsaPublic } from './rsa-encoding.ts'

const modulus = (bits: number): Uint8Array => {
  const n = new Uint8Array(bits / 8).fill(0xa5)
  n[0] = 0x80
  return n
}
const key = (bits: number, e: string): Uint8Array => encodeRsaPublic({ n: modulus(bits), e: fromHex(e) })
const refusal = expect.objectContaining({ name: 'InvalidPublicKeyError' })

describe('RSA public keys', () => {
  it.each([2048, 4096, 8192])('takes %d bits', bits => {
    expect(decodeRsaPublic(key(bits, '010001'))).toEqual({ n: modulus(bits), e: fromHex('010001') })
  })

  // rsa-512-key and rsa-16384-key of the attack vectors
  it.each([512, 1024, 2040, 8200, 16384])('refuses %d bits when it is read', bits => {
    expect(() => publicKeyFromProtobuf(encodeKeyMessage('RSA', key(bits, '010001')))).toThrow(refusal)
  })

  it('counts bits, not bytes', () => {
    const n = modulus(2048)
    n[0] = 0x7f
    expect(() => rsaPublic(encodeRsaPublic({ n, e: fromHex('03') }))).toThrow('2047 bits')
  })

  it.each(['03', '010001', 'ffffffff'])('takes the exponent %s', e => {
    expect(rsaPublic(key(2048, e)).type).toBe('RSA')
  })

  it.each(['', '01', '02', '010000', '0100000001', 'ff'.repeat(256)])('refuses the exponent %s', e => {
    expect(() => rsaPublic(key(2048, e))).toThrow(refusal)
  })

  it('refuses an even modulus, bytes behind, and other algorithms', () => {
    const even = modulus(2048)
    even[255] = 2
    expect(() => rsaPublic(encodeRsaPublic({ n: even, e: fromHex('03') }))).toThrow('even')
    expect(() => rsaPublic(concat([key(2048, '03'), Uint8Array.of(0)]))).toThrow(refusal)
    const other = key(2048, '03')
    other[16] = 2
    expect(() => rsaPublic(other)).toThrow('rsaEncryption')
    expect(() => rsaPublic(fromHex('30848fffffff'))).toThrow(refusal)
  })

  it('answers false for a modulus that is no product of primes', async () => {
    expect(await rsaPublic(key(2048, '010001')).verify(fromUtf8('message'), new Uint8Array(256).fill(1))).toBe(false)
  })
})
