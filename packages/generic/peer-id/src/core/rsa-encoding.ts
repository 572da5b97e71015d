/** RSA keys: public as PKIX (RFC 5280, 4.1.2.7), private as PKCS#1 (RFC 8017, A.1.2), both in DER. */
import { equals, fromHex } from '@weft/bytes'
import { DerError, DerReader, der, derBitString, derInteger, derOctetString, derPositive, derSequence } from './der.ts'

/**
 * Bits of the smallest and the largest modulus. Below, keys can be broken; above, one verification takes so long that a
 * remote's key stalls the process.
 */
export const minRsaBits = 2048
export const maxRsaBits = 8192

/** Bytes of the longest private key; one of 8,192 bits has about 4,700. */
const maxPrivateLength = 8192
/** Bytes of the longest public key; one of 8,192 bits has about 1,060. */
const maxPublicLength = 1100
/** An exponent is an odd number above 1 of at most this many bytes: a longer one makes verification slow. */
const maxExponentLength = 4

// SEQUENCE { OID rsaEncryption, NULL }
const rsaAlgorithm = fromHex('300d06092a864886f70d0101010500')

export interface RsaPublicNumbers {
  n: Uint8Array
  e: Uint8Array
}

export interface RsaPrivateNumbers extends RsaPublicNumbers {
  d: Uint8Array
  p: Uint8Array
  q: Uint8Array
  dp: Uint8Array
  dq: Uint8Array
  qi: Uint8Array
}

/** Reads a PKIX public key and checks its size and exponent. Throws `DerError`. */
export function decodeRsaPublic(bytes: Uint8Array): RsaPublicNumbers {
  if (bytes.byteLength > maxPublicLength) throw new DerError(`key is longer than ${maxPublicLength} bytes`)
  const outer = new DerReader(bytes)
  const info = new DerReader(outer.read(derSequence))
  outer.end()
  if (!equals(info.read(derSequence), rsaAlgorithm.subarray(2))) throw new DerError('algorithm is not rsaEncryption')
  const bits = info.read(derBitString)
  info.end()
  if (bits[0] !== 0) throw new DerError('bit string is not of whole bytes')
  const wrapped = new DerReader(bits.subarray(1))
  const key = new DerReader(wrapped.read(derSequence))
  wrapped.end()
  const numbers = { n: key.readPositive(), e: key.readPositive() }
  key.end()
  checkPublic(numbers)
  return numbers
}

/** Reads a PKCS#1 private key of two primes and checks as `decodeRsaPublic` does. Throws `DerError`. */
export function decodeRsaPrivate(bytes: Uint8Array): RsaPrivateNumbers {
  if (bytes.byteLength > maxPrivateLength) throw new DerError(`key is longer than ${maxPrivateLength} bytes`)
  const outer = new DerReader(bytes)
  const key = new DerReader(outer.read(derSequence))
  outer.end()
  if (!equals(key.read(derInteger), Uint8Array.of(0))) throw new DerError('key is not of two primes')
  const next = () => key.readPositive()
  const [n, e, d, p, q, dp, dq, qi] = [next(), next(), next(), next(), next(), next(), next(), next()]
  key.end()
  checkPublic({ n, e })
  return { n, e, d, p, q, dp, dq, qi }
}

export function encodeRsaPublic({ n, e }: RsaPublicNumbers): Uint8Array<ArrayBuffer> {
  const key = der(derSequence, derPositive(n), derPositive(e))
  return der(derSequence, rsaAlgorithm, der(derBitString, Uint8Array.of(0), key))
}

/** The PKCS#8 form (RFC 5208) of a PKCS#1 key, which WebCrypto wants. */
export function wrapPkcs8(pkcs1: Uint8Array): Uint8Array<ArrayBuffer> {
  return der(derSequence, fromHex('020100'), rsaAlgorithm, der(derOctetString, pkcs1))
}

/** The PKCS#1 key in a PKCS#8 one. Throws `DerError`. */
export function unwrapPkcs8(pkcs8: Uint8Array): Uint8Array {
  const info = new DerReader(new DerReader(pkcs8).read(derSequence))
  info.read(derInteger)
  info.read(derSequence)
  return info.read(derOctetString)
}

function checkPublic({ n, e }: RsaPublicNumbers): void {
  const bits = n.byteLength * 8 - (Math.clz32(n[0]!) - 24)
  if (bits < minRsaBits || bits > maxRsaBits) {
    throw new DerError(`modulus has ${bits} bits, ${minRsaBits} to ${maxRsaBits} are accepted`)
  }
  if (n[n.byteLength - 1]! % 2 === 0) throw new DerError('modulus is even')
  const isOne = e.byteLength === 1 && e[0] === 1
  if (e.byteLength > maxExponentLength || e[e.byteLength - 1]! % 2 === 0 || isOne) {
    throw new DerError('exponent is not an odd number of 3 to 2^32')
  }
}
