/** Certificates that are made to cost whoever reads them: signed by their own key, and wrong in nothing but their amounts. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  generatePrimeSync,
  type KeyObject,
  sign
} from 'node:crypto'
import { concat, fromHex, fromUtf8 } from '@weft/bytes'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { contextTag, element, tags } from '../src/core/der.ts'
import { encodeSignedKey, signedBytes } from '../src/core/extension.ts'
import { identity, type OddCertificate } from './odd-certificate.ts'

export interface Amounts {
  /** Relative names in the subject, which is the issuer too. */
  readonly names?: number
  /** Extensions beside the one of libp2p; of a type that nobody knows. */
  readonly extensions?: number
  /** Names in one extension, subjectAltName. */
  readonly alternatives?: number
  /** Its key is of RSA, of 3,072 bits, with an exponent as long: OpenSSL takes none longer. */
  readonly rsaExponent?: boolean
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => element(tags.sequence, ...parts)
const oid = (hex: string): Uint8Array => element(tags.objectIdentifier, fromHex(hex))
const ecdsaSha256 = sequence(oid('2a8648ce3d040302'))
const rsaSha256 = sequence(oid('2a864886f70d01010b'), fromHex('0500'))
const libp2pOid = oid('2b0601040183a25a0101')

export async function hostileCertificate(amounts: Amounts = {}): Promise<OddCertificate> {
  const rsa = amounts.rsaExponent === true
  const { publicKey, privateKey } = rsa ? longExponent() : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = await bodyOf(publicKey, rsa ? rsaSha256 : ecdsaSha256, amounts)
  const signature = sign('sha256', body, privateKey)
  const bits = element(tags.bitString, Uint8Array.of(0), signature)
  const der = sequence(body, rsa ? rsaSha256 : ecdsaSha256, bits)
  const base64 = Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')
  return {
    der,
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  }
}

async function bodyOf(key: KeyObject, signing: Uint8Array, amounts: Amounts): Promise<Uint8Array> {
  const { names = 0, extensions = 0, alternatives = 0 } = amounts
  const spki = new Uint8Array(key.export({ type: 'spki', format: 'der' }))
  const signedKey = encodeSignedKey({
    publicKey: publicKeyToProtobuf(identity.publicKey),
    signature: await identity.sign(signedBytes(spki))
  })
  // SET { SEQUENCE { 2.5.4.3, PrintableString "a" } }
  const name = sequence(repeat(element(0x31, sequence(oid('550403'), element(0x13, fromUtf8('a')))), names))
  // of the type 1.2.3, empty
  const extension = sequence(oid('2a03'), element(tags.octetString))
  // dNSName "a"
  const alternative = element(contextTag(2, 'primitive'), fromUtf8('a'))
  const subjectAltName = sequence(oid('551d11'), element(tags.octetString, sequence(repeat(alternative, alternatives))))
  return sequence(
    ...[element(contextTag(0), element(tags.integer, Uint8Array.of(2))), element(tags.integer, Uint8Array.of(1))],
    ...[signing, name, sequence(utcTime('200101000000Z'), utcTime('491231235959Z')), name, spki],
    element(
      contextTag(3),
      sequence(
        sequence(libp2pOid, element(tags.octetString, signedKey)),
        ...(alternatives > 0 ? [subjectAltName] : []),
        repeat(extension, extensions)
      )
    )
  )
}

/** A pair of keys whose private exponent is short, so that the public one is long: cheap to sign with, dear to check. */
function longExponent(): { publicKey: KeyObject; privateKey: KeyObject } {
  const [p, q] = [generatePrimeSync(1536, { bigint: true }), generatePrimeSync(1536, { bigint: true })]
  const n = p * q
  const order = (p - 1n) * (q - 1n)
  let d = 2n ** 600n + 1n
  let e = inverse(d, order)
  while (e === undefined) {
    d += 2n
    e = inverse(d, order)
  }
  const parts = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p)! }
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, base64url(value)]))
  const key = { key: { kty: 'RSA', ...jwk }, format: 'jwk' } as const
  return { publicKey: createPublicKey(key), privateKey: createPrivateKey(key) }
}

/** By Euclid's algorithm; nothing where there is none. */
function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [a, b, x, y] = [modulus, value % modulus, 0n, 1n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return a === 1n ? ((x % modulus) + modulus) % modulus : undefined
}

function base64url(value: bigint): string {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

function utcTime(text: string): Uint8Array {
  return element(tags.utcTime, fromUtf8(text))
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  return concat(Array.from({ length: times }, () => bytes))
}
