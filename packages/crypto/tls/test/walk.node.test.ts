/** The walk over certificates and the writer of ours, against a whole X.509 stack and against what costs. */
import 'reflect-metadata'
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto'
import {
  Extension,
  SubjectAlternativeNameExtension,
  X509Certificate as PeculiarCertificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import { fromHex, toHex } from '@weft/bytes'
import { generateKeyPair } from '@weft/peer-id'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { walkCertificate } from '../src/core/certificate-walk.ts'
import { writeCertificate, writeCertificateBody } from '../src/core/certificate-writer.ts'
import { extensionOid } from '../src/core/extension.ts'
import { makeCertificate, verifyCertificate } from '../src/index.ts'
import { type Amounts, hostileCertificate } from './hostile-certificate.ts'
import { identity, oddCertificate } from './odd-certificate.ts'
import { vectors } from './vectors.ts'

const spki = fromHex(
  '3059301306072a8648ce3d020106082a8648ce3d03010703420004' +
    '0c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd60133' +
    '1c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569e'
)

describe('our certificate', () => {
  it('is written as these bytes', () => {
    const body = writeCertificateBody({
      serialNumber: fromHex('01020304'),
      notBefore: Date.UTC(2026, 0, 2, 3, 4, 5),
      notAfter: Date.UTC(2126, 0, 2, 3, 4, 5),
      spki,
      signedKey: fromHex('3003040100')
    })
    expect(toHex(writeCertificate(body, fromHex('3006020101020101')))).toBe(
      '3081cb' + // SEQUENCE, the certificate
        '3081b1' + // SEQUENCE, its body
        'a003020102' + // [0] version: 2, which is v3
        '020401020304' + // INTEGER, the serial number
        '300a06082a8648ce3d040302' + // ecdsa-with-SHA256
        '3000' + // no issuer
        '3020' + // its validity
        '170d3236303130323033303430355a' + // UTCTime "260102030405Z"
        '180f32313236303130323033303430355a' + // GeneralizedTime "21260102030405Z"
        '3000' + // no subject
        toHex(spki) +
        'a317' + // [3] extensions
        '3015' + // SEQUENCE of
        '3013' + // one,
        '060a2b0601040183a25a0101' + // 1.3.6.1.4.1.53594.1.1,
        '0405' + // OCTET STRING
        '3003040100' +
        '300a06082a8648ce3d040302' + // ecdsa-with-SHA256
        '0309' + // BIT STRING
        '00' + // of whole octets
        '3006020101020101'
    )
  })

  it('has the bytes that a whole stack gives it', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const time = fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(9999, 0) }).map(at => at - (at % 1000))
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as never as CryptoKeyPair
    const own = new Uint8Array(await webcrypto.subtle.exportKey('spki', keys.publicKey as never))
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        ...([time, time, fc.uint8Array({ maxLength: 2000 })] as const),
        async (random, notBefore, notAfter, signedKey) => {
          const serialNumber = random.with(0, (random[0]! & 0x7f) | 1)
          const oracle = await X509CertificateGenerator.createSelfSigned(
            {
              serialNumber: toHex(serialNumber),
              ...{ notBefore: new Date(notBefore), notAfter: new Date(notAfter), keys },
              signingAlgorithm: algorithm,
              extensions: [new Extension(extensionOid, false, new Uint8Array(signedKey))]
            },
            webcrypto as Crypto
          )
          const body = writeCertificateBody({ serialNumber, notBefore, notAfter, spki: own, signedKey })
          const written = writeCertificate(body, new Uint8Array(oracle.signature))
          expect(toHex(written)).toBe(toHex(new Uint8Array(oracle.rawData)))
        }
      ),
      { numRuns: 30 }
    )
  })

  it('is read by a whole stack, and signed by its own key', async () => {
    const { cert, key } = await makeCertificate(await generateKeyPair('Ed25519'), Date.UTC(2026, 0))
    const native = new X509Certificate(cert)
    expect(native.verify(native.publicKey)).toBe(true)
    expect(native.checkPrivateKey(createPrivateKey(key))).toBe(true)
    const read = new PeculiarCertificate(new Uint8Array(native.raw))
    expect([read.notBefore, read.notAfter].map(Number)).toEqual([
      Date.UTC(2025, 11, 31, 23),
      Date.UTC(2026, 0) + 100 * 365 * 86_400_000
    ])
    expect(await read.verify({ signatureOnly: true }, webcrypto as Crypto)).toBe(true)
  })
})

describe('the walk', () => {
  it('finds what a whole stack finds', async () => {
    const odd = await oddCertificate({
      subject: 'CN=one, O=two',
      extensions: own => [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.example' }]), own]
    })
    const all = [...Object.values(vectors).map(({ certificate }) => fromHex(certificate)), odd.der]
    for (const der of all) {
      const oracle = new PeculiarCertificate(new Uint8Array(der))
      const walked = walkCertificate(der)
      expect(walked.validity).toEqual({ notBefore: +oracle.notBefore, notAfter: +oracle.notAfter })
      expect(toHex(walked.spki)).toBe(toHex(new Uint8Array(oracle.publicKey.rawData)))
      const extension = oracle.extensions.find(({ type }) => type === extensionOid)!
      expect(toHex(walked.signedKey)).toBe(toHex(new Uint8Array(extension.value)))
    }
  })

  it('reads any bytes, cut or changed certificates or refuses them', () => {
    const right = fromHex(vectors.ed25519.certificate)
    const changed = fc
      .array(fc.tuple(fc.nat(right.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map(changes => changes.reduce((bytes, [at, octet]) => bytes.with(at, octet), right))
    const cut = fc.nat(right.byteLength - 1).map(length => right.subarray(0, length))
    fc.assert(
      fc.property(fc.oneof(changed, cut, fc.uint8Array({ maxLength: 400 })), der => {
        try {
          const { validity, spki: key, signedKey } = walkCertificate(der)
          expect(Number.isNaN(validity.notBefore + validity.notAfter)).toBe(false)
          for (const view of [key, signedKey]) expect(view.buffer).toBe(der.buffer)
        } catch (error) {
          expect(error).toMatchObject({
            name: 'InvalidCryptoExchangeError',
            code: expect.stringMatching(/^ERR_TLS_CERTIFICATE_(MALFORMED|EXTENSION|SIZE)$/)
          })
        }
      }),
      { numRuns: 2_000 }
    )
  })

  const zulu = '303130313030303030305a'
  it.each([
    ['a month of 13', `170d3236${'31333031303030303030'}5a`],
    ['the 30th of February', `170d3236${'30323330303030303030'}5a`],
    ['an hour of 24', `170d3236${'30313031323430303030'}5a`],
    ['no seconds', `170b3236${zulu.slice(0, 16)}5a`],
    ['a zone', '17113236303130313030303030302b30303030'],
    ['fractions', '1811323032363031303130303030303030302e315a'.replace('1811', '1813')],
    ['letters', '170d6162303130313030303030305a']
  ])('refuses a time that has %s', async (_what, hex) => {
    const { der } = await hostileCertificate()
    const [head, tail] = toHex(der).split('170d3230303130313030303030305a')
    const grown = (fromHex(hex).byteLength - 15) % 256
    // Of the lengths that hold it, that of the validity is the only one to stay below 128.
    expect([head!.slice(-4), tail]).toEqual(['301e', expect.any(String)])
    const bytes = fromHex(`${head!.slice(0, -2)}${(0x1e + grown).toString(16)}${hex}${tail}`)
    for (const at of [2, 6]) new DataView(bytes.buffer).setUint16(at, new DataView(bytes.buffer).getUint16(at) + grown)
    expect(() => walkCertificate(bytes)).toThrow('a time is none')
  })
})

describe('a certificate that is made to cost', () => {
  it.each<[string, string, Amounts]>([
    ['thousands of names', 'SIZE', { names: 550 }],
    ['thousands of extensions', 'EXTENSION', { extensions: 1_900 }],
    ['one extension too many', 'EXTENSION', { extensions: 16 }],
    ['an RSA exponent as long as its modulus', 'KEY', { rsaExponent: true }]
  ])('by %s is refused', async (_what, code, amounts) => {
    const { der } = await hostileCertificate(amounts)
    expect(der.byteLength).toBeLessThan(16_384)
    await expect(verifyCertificate(der)).rejects.toMatchObject({ code: `ERR_TLS_CERTIFICATE_${code}` })
  })

  it('is stepped over: what is refused for its amounts was not looked at any further', async () => {
    // Behind the first 16 extensions stands nothing that could be read.
    const { der } = await hostileCertificate({ extensions: 1_000 })
    der.fill(0xff, der.byteLength - 4_000, der.byteLength - 100)
    expect(() => walkCertificate(der)).toThrow('more than 16 extensions')
  })

  it('up to the limits is taken', async () => {
    for (const amounts of [{ names: 80 }, { extensions: 15 }, { alternatives: 5_000 }]) {
      const { der } = await hostileCertificate(amounts)
      expect((await verifyCertificate(der)).publicKey?.equals(identity.publicKey)).toBe(true)
    }
  })
})
