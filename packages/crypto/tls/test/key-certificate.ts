/** Certificates of keys that WebCrypto does not make: written as DER by hand (RFC 5280, section 4.1). */
import { type KeyObject, sign } from 'node:crypto'
import { fromHex, fromUtf8 } from '@weft/bytes'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { element } from '../src/core/der.ts'
import { encodeSignedKey, signedBytes } from '../src/core/extension.ts'
import { day, identity, type OddCertificate } from './odd-certificate.ts'

/** How a key signs: its algorithm as DER without the outermost tag, and the hash, if the algorithm leaves a choice. */
export interface Signing {
  readonly algorithm: string
  readonly hash?: string
}

// 1.2.840.10045.4.3.2, ecdsa-with-SHA256
export const ecdsaSha256: Signing = { algorithm: '06082a8648ce3d040302', hash: 'sha256' }
// 1.3.101.112 and 1.3.101.113 (RFC 8410)
export const ed25519: Signing = { algorithm: '06032b6570' }
export const ed448: Signing = { algorithm: '06032b6571' }
// 2.16.840.1.101.3.4.3.2, dsa-with-sha256
export const dsaSha256: Signing = { algorithm: '0609608648016503040302', hash: 'sha256' }
// 1.2.840.113549.1.1.10, RSASSA-PSS (RFC 4055)
export const rsaPssSha256: Signing = {
  algorithm:
    '06092a864886f70d01010a3034' +
    'a00f300d06096086480165030402010500' + // SHA-256
    'a11c301a06092a864886f70d010108300d06096086480165030402010500' + // MGF1 with it
    'a203020120', // a salt of 32 bytes
  hash: 'sha256'
}

// 1.3.6.1.4.1.53594.1.1
const libp2pOid = fromHex('060a2b0601040183a25a0101')

export interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** A certificate that is right but for its key, which `issuer` signs where it cannot sign itself. */
export async function keyCertificate(keys: Keys, { algorithm, hash }: Signing, issuer = keys): Promise<OddCertificate> {
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
  const signature = await identity.sign(signedBytes(new Uint8Array(spki)))
  const signedKey = encodeSignedKey({ publicKey: publicKeyToProtobuf(identity.publicKey), signature })
  const name = sequence()
  const signing = sequence(fromHex(algorithm))
  const tbs = sequence(
    element(0xa0, integer(2)),
    integer(1),
    signing,
    name,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name,
    spki,
    element(0xa3, sequence(sequence(libp2pOid, element(0x04, signedKey))))
  )
  const signed = sign(hash, tbs, issuer.privateKey)
  const der = sequence(tbs, signing, element(0x03, Uint8Array.of(0), signed))
  const base64 = Buffer.from(der).toString('base64')
  return {
    der,
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  }
}

const sequence = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => element(0x30, ...parts)
const integer = (value: number): Uint8Array => element(0x02, Uint8Array.of(value))
// UTCTime: YYMMDDhhmmssZ
const time = (at: number): Uint8Array =>
  element(0x17, fromUtf8(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
