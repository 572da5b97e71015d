import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { Extension, KeyUsageFlags, KeyUsagesExtension, X509Certificate as PeculiarCertificate } from '@peculiar/x509'
import { fromHex, toHex } from '@weft/bytes'
import {
  generateKeyPair,
  peerIdFromPrivateKey,
  peerIdFromString,
  publicKeyFromProtobuf,
  publicKeyToProtobuf
} from '@weft/peer-id'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSignedKey, encodeSignedKey, extensionOid } from '../src/core/extension.ts'
import { CertificateVerifier } from '../src/certificate-verifier.ts'
import { makeCertificate, verifyCertificate } from '../src/index.ts'
import { day, ecdsa, identity, keysOf, oddCertificate, type Odd, rsa1024 } from './odd-certificate.ts'
import { vectors } from './vectors.ts'

async function certificate(odd: Odd = {}): Promise<Uint8Array> {
  return (await oddCertificate(odd)).der
}

function derOf(pem: string): Uint8Array {
  return new X509Certificate(pem).raw
}

describe('a certificate', () => {
  it.each(['ed25519', 'ecdsa', 'secp256k1', 'rsa'] as const)('of others proves its peer: %s', async name => {
    const { certificate: hex, peerId } = vectors[name]
    expect((await verifyCertificate(fromHex(hex))).toString()).toBe(peerId)
    await verifyCertificate(fromHex(hex), peerIdFromString(peerId))
  })

  it.each(['ed25519', 'ecdsa', 'secp256k1', 'rsa'] as const)(
    'of others has an extension as weft writes it: %s',
    name => {
      const { extensions } = new PeculiarCertificate(fromHex(vectors[name].certificate).slice())
      const written = new Uint8Array(extensions.find(({ type }) => type === extensionOid)!.value)
      const signedKey = decodeSignedKey(written)
      expect(toHex(encodeSignedKey(signedKey))).toBe(toHex(written))
      expect(publicKeyToProtobuf(publicKeyFromProtobuf(signedKey.publicKey))).toEqual(signedKey.publicKey)
    }
  )

  it('of the specification, signed by another identity, is refused', async () => {
    const refused = verifyCertificate(fromHex(vectors.invalid.certificate))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_TLS_IDENTITY_SIGNATURE' })
  })

  it.each(['Ed25519', 'secp256k1', 'ECDSA', 'RSA'] as const)('is made for an identity of type %s', async type => {
    const key = await generateKeyPair(type as 'Ed25519')
    const { cert, key: pem } = await makeCertificate(key)
    expect((await verifyCertificate(derOf(cert))).equals(peerIdFromPrivateKey(key))).toBe(true)
    expect(createPrivateKey(pem).asymmetricKeyType).toBe('ec')
    createSecureContext({ cert, key: pem })
  })

  it('may have extensions that are not known, or say that they matter and are harmless', async () => {
    const unknown = new Extension('1.2.3.4', false, Uint8Array.of(5, 0))
    const usage = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
    const der = await certificate({ extensions: own => [unknown, usage, new Extension(extensionOid, true, own.value)] })
    expect((await verifyCertificate(der)).equals(peerIdFromPrivateKey(identity))).toBe(true)
  })

  it.each<[string, string, () => Promise<Uint8Array>]>([
    ['has expired', 'NOT_VALID_NOW', () => certificate({ notAfter: -day / 2 })],
    ['is not valid yet', 'NOT_VALID_NOW', () => certificate({ notBefore: day / 2 })],
    ['has no libp2p extension', 'EXTENSION', () => certificate({ extensions: () => [] })],
    ['has two of them', 'EXTENSION', () => certificate({ extensions: own => [own, own] })],
    [
      'has a critical extension that is not known',
      'EXTENSION',
      () => certificate({ extensions: own => [own, new Extension('1.2.3.4', true, Uint8Array.of(5, 0))] })
    ],
    ['has an extension of 8 KiB', 'EXTENSION', () => certificate({ signedKey: () => new Uint8Array(8192) })],
    ['has an extension of 64 KiB', 'SIZE', () => certificate({ signedKey: () => new Uint8Array(65_536) })],
    [
      'has an extension with something behind',
      'EXTENSION',
      () => certificate({ signedKey: own => Uint8Array.of(...own, 0) })
    ],
    [
      'has an identity key that is none',
      'EXTENSION',
      () =>
        certificate({
          signedKey: () => encodeSignedKey({ publicKey: Uint8Array.of(1), signature: new Uint8Array(64) })
        })
    ],
    ['is signed by another key', 'SIGNATURE', async () => certificate({ issuer: await keysOf(ecdsa) })],
    ['has an RSA key of 1,024 bits', 'KEY', () => certificate({ algorithm: rsa1024 })],
    ['is none', 'MALFORMED', async () => Uint8Array.of(0x30, 0x03, 1, 2, 3)]
  ])('that %s is refused', async (_what, code, make) => {
    await expect(verifyCertificate(await make())).rejects.toMatchObject({
      name: 'InvalidCryptoExchangeError',
      code: `ERR_TLS_CERTIFICATE_${code}`
    })
  })

  it('whose identity did not sign is refused', async () => {
    const der = await certificate({ signer: await generateKeyPair('Ed25519') })
    await expect(verifyCertificate(der)).rejects.toMatchObject({ code: 'ERR_TLS_IDENTITY_SIGNATURE' })
  })

  it('of another peer than expected is refused', async () => {
    const expected = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const refused = verifyCertificate(await certificate(), expected)
    await expect(refused).rejects.toMatchObject({ name: 'UnexpectedPeerError', expected: expected.toString() })
  })

  it('that was good is remembered, and its time and its peer are checked each time', async () => {
    const verifier = new CertificateVerifier()
    const der = await certificate()
    const own = peerIdFromPrivateKey(identity)
    const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const centuries = Date.now() + 300 * 365 * 24 * 3_600_000
    for (let i = 0; i < 2; i++) {
      expect((await verifier.verify(der, own)).equals(own)).toBe(true)
      await expect(verifier.verify(der, other)).rejects.toMatchObject({ name: 'UnexpectedPeerError' })
      await expect(verifier.verify(der, own, centuries)).rejects.toMatchObject({
        code: 'ERR_TLS_CERTIFICATE_NOT_VALID_NOW'
      })
    }
  })

  it('that was bad is bad again', async () => {
    const verifier = new CertificateVerifier()
    const der = await certificate({ signer: await generateKeyPair('Ed25519') })
    for (let i = 0; i < 2; i++) {
      await expect(verifier.verify(der)).rejects.toMatchObject({ code: 'ERR_TLS_IDENTITY_SIGNATURE' })
    }
  })

  it('with any byte changed proves nothing else', async () => {
    const der = await certificate()
    const own = peerIdFromPrivateKey(identity)
    await fc.assert(
      fc.asyncProperty(fc.nat(der.byteLength - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = der.slice()
        changed[at]! ^= bits
        // A byte that nothing depends on, such as one of the name, may change if the signature is made anew; here it is not.
        const proved = await verifyCertificate(changed).catch((error: Error) => error)
        if (proved instanceof Error) expect(proved.name).toBe('InvalidCryptoExchangeError')
        else expect(proved.equals(own)).toBe(true)
      }),
      { numRuns: 200 }
    )
  })
})
