import { fromUtf8, toHex } from '@weft/bytes'
import { describe, expect, it } from 'vitest'
import * as chosen from '#signatures'
import * as browser from './signatures.browser.ts'

// In Node this compares the twins; in a browser it compares the one twin with itself.
const twin: typeof chosen = browser
const message = fromUtf8('message')
const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 1)

describe('the twins agree', () => {
  it('on Ed25519', async () => {
    const publicKey = chosen.ed25519PublicKey(secret)
    expect(toHex(twin.ed25519PublicKey(secret))).toBe(toHex(publicKey))
    const signature = chosen.ed25519Signer(secret, publicKey)(message)
    expect(toHex(twin.ed25519Signer(secret, publicKey)(message))).toBe(toHex(signature))
    // Of s + order, which is the same number modulo the order, neither may take it.
    const malleable = Uint8Array.from(signature)
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    let s = BigInt(`0x${toHex(signature.subarray(32).toReversed())}`) + order
    for (let i = 32; i < 64; i++, s >>= 8n) malleable[i] = Number(s & 0xffn)
    for (const { ed25519Verifier } of [chosen, twin]) {
      expect(ed25519Verifier(publicKey)(message, signature)).toBe(true)
      expect(ed25519Verifier(publicKey)(message, malleable)).toBe(false)
      expect(ed25519Verifier(publicKey)(message, signature.toReversed())).toBe(false)
    }
  })

  it('on 32 bytes that are no point', () => {
    // y = 2 has no x on the curve.
    const noPoint = Uint8Array.of(2, ...new Uint8Array(31))
    expect(chosen.ed25519Verifier(noPoint)(message, new Uint8Array(64))).toBe(false)
    expect(twin.ed25519Verifier(noPoint)(message, new Uint8Array(64))).toBe(false)
  })

  it.each(['secp256k1', 'P-256'] as const)('on %s', curve => {
    const point = chosen.ecPublicKey(curve, secret)
    expect(toHex(twin.ecPublicKey(curve, secret))).toBe(toHex(point))
    expect(point.byteLength).toBe(65)
    for (const [a, b] of [
      [chosen, twin],
      [twin, chosen]
    ] as const) {
      const signature = a.ecSigner(curve, secret)(message)
      expect(signature.byteLength).toBe(64)
      expect(b.ecVerifier(curve, point)(message, signature)).toBe(true)
      signature[63]! ^= 1
      expect(b.ecVerifier(curve, point)(message, signature)).toBe(false)
      expect(() => a.ecVerifier(curve, point.with(64, point[64]! ^ 1))).toThrow()
      expect(() => a.ecPublicKey(curve, new Uint8Array(32))).toThrow()
      expect(() => a.ecPublicKey(curve, new Uint8Array(32).fill(0xff))).toThrow()
    }
  })

  it('on RSA', async () => {
    const { decodeRsaPrivate, encodeRsaPublic } = await import('./core/rsa-encoding.ts')
    const pkcs1 = await twin.generateRsa(2048)
    const spki = encodeRsaPublic(decodeRsaPrivate(pkcs1))
    const signature = await chosen.rsaSigner(pkcs1)(message)
    expect(toHex(await twin.rsaSigner(pkcs1)(message))).toBe(toHex(signature))
    expect(await twin.rsaVerifier(spki)(message, signature)).toBe(true)
    expect(await chosen.rsaVerifier(spki)(message, signature)).toBe(true)
  })

  it('on sha2-256', () => expect(toHex(twin.sha256(message))).toBe(toHex(chosen.sha256(message))))
})
