/**
 * ECDSA keys on P-256, of specs/peer-ids: public in PKIX, private in the form of RFC 5915 (SEC 1), signatures in DER
 * over sha2-256. Of both s either is accepted, as everywhere where P-256 is used. The id is always a sha2-256 hash: the
 * encoded key has 95 bytes, more than are inlined.
 */
import { ecPublicKey, ecSigner, ecVerifier } from '#signatures'
import type { ECDSAPrivateKey, ECDSAPublicKey } from '@libp2p/interface'
import { concat, equals, fromHex } from '@weft/bytes'
import { InvalidPrivateKeyError, InvalidPublicKeyError } from '@weft/errors'
import { base64url } from 'multiformats/bases/base64'
import { decodeSignature, encodeSignature } from './core/ec-encoding.ts'
import { type KeyMultihash, sha256Multihash } from './key-multihash.ts'
import { BasePrivateKey } from './private-key.ts'
import { BasePublicKey } from './public-key.ts'
import type { Signer, Verifier } from './signer.ts'

// SEQUENCE { SEQUENCE { OID ecPublicKey, OID prime256v1 }, BIT STRING of 65 bytes }
const spkiHead = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')
// SEQUENCE { INTEGER 1, OCTET STRING of 32 bytes, [0] OID prime256v1, [1] BIT STRING of 65 bytes }
const sec1Head = fromHex('30770201010420')
const sec1Middle = fromHex('a00a06082a8648ce3d030107a144034200')
const sec1Length = 121

/** A P-256 public key in PKIX, its point uncompressed. Throws `InvalidPublicKeyError`. */
export function ecdsaPublic(bytes: Uint8Array): ECDSAPublicKey {
  const head = bytes.subarray(0, spkiHead.byteLength)
  if (bytes.byteLength !== spkiHead.byteLength + 65 || !equals(head, spkiHead) || bytes[spkiHead.byteLength] !== 4) {
    throw new InvalidPublicKeyError('ECDSA public key is not PKIX of a P-256 point')
  }
  const raw = new Uint8Array(bytes)
  try {
    return toContract(new EcdsaPublic('ECDSA', raw, derVerifier(raw)))
  } catch (cause) {
    throw new InvalidPublicKeyError('ECDSA public key is not on the curve', { cause })
  }
}

/** A P-256 private key in the form of RFC 5915 with its public key. Throws `InvalidPrivateKeyError`. */
export function ecdsaPrivate(bytes: Uint8Array): ECDSAPrivateKey {
  const secret = bytes.subarray(sec1Head.byteLength, sec1Head.byteLength + 32)
  let key: ECDSAPrivateKey
  try {
    key = ecdsaFromSecret(secret)
  } catch (cause) {
    throw new InvalidPrivateKeyError('ECDSA private key is not of P-256', { cause })
  }
  // One key has one encoding here, so comparing it whole checks structure, curve and public half.
  if (!equals(key.raw, bytes)) throw new InvalidPrivateKeyError('ECDSA private key is not RFC 5915 of a P-256 key')
  return key
}

/** The key of a secret of 32 bytes. Throws where it is out of range. */
export function ecdsaFromSecret(secret: Uint8Array): ECDSAPrivateKey {
  const point = ecPublicKey('P-256', secret)
  const raw = concat([sec1Head, secret, sec1Middle, point], sec1Length)
  return new EcdsaPrivate('ECDSA', raw, ecdsaPublic(concat([spkiHead, point])))
}

class EcdsaPublic extends BasePublicKey<'ECDSA', 0x12> {
  get jwk(): JsonWebKey {
    return { kty: 'EC', crv: 'P-256', ...coordinates(this.raw), ext: true, key_ops: ['verify'] }
  }

  protected override hash(message: Uint8Array): KeyMultihash<0x12> {
    return sha256Multihash(message)
  }

  protected override createVerifier(): Verifier {
    return derVerifier(this.raw)
  }
}

class EcdsaPrivate extends BasePrivateKey<'ECDSA', ECDSAPublicKey> implements ECDSAPrivateKey {
  get jwk(): JsonWebKey {
    const d = base64url.baseEncode(secretOf(this.raw))
    return { kty: 'EC', crv: 'P-256', d, ...coordinates(this.raw), ext: true, key_ops: ['sign'] }
  }

  protected override createSigner(raw: Uint8Array): Signer {
    const sign = ecSigner('P-256', secretOf(raw))
    return message => encodeSignature(sign(message))
  }
}

/** The contract types the multihash of every ECDSA key as an identity one, which the specification forbids. */
function toContract(key: EcdsaPublic): ECDSAPublicKey {
  return key as unknown as ECDSAPublicKey
}

function derVerifier(spki: Uint8Array): Verifier {
  const verify = ecVerifier('P-256', spki.subarray(-65))
  return (message, signature) => {
    const compact = decodeSignature(signature)
    return compact !== undefined && verify(message, compact)
  }
}

function secretOf(raw: Uint8Array): Uint8Array {
  return raw.subarray(sec1Head.byteLength, sec1Head.byteLength + 32)
}

/** The affine coordinates of the point at the end of either encoding. */
function coordinates(raw: Uint8Array): { x: string; y: string } {
  return { x: base64url.baseEncode(raw.subarray(-64, -32)), y: base64url.baseEncode(raw.subarray(-32)) }
}
