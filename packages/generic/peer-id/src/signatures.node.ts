/**
 * Signatures by `node:crypto`, all synchronous. Each function makes its `KeyObject` once and returns a function that
 * uses it. The signatures of EC keys are r and s, 32 bytes each; callers do the DER.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
  verify
} from 'node:crypto'
import { concat, fromHex } from '@weft/bytes'
import { withoutStackTraces } from '@weft/errors'
import { type EcCurve, isSecret } from './core/ec-encoding.ts'
import type { Signer, SyncSigner, SyncVerifier, Verifier } from './signer.ts'

// Of the encodings around a key, the parts that are always the same (RFC 5480, RFC 5915).
const ecHeads: Record<EcCurve, { spki65: string; spki33: string; sec1: string; oid: string }> = {
  secp256k1: {
    spki65: '3056301006072a8648ce3d020106052b8104000a034200',
    spki33: '3036301006072a8648ce3d020106052b8104000a032200',
    sec1: '302e0201010420',
    oid: 'a00706052b8104000a'
  },
  'P-256': {
    spki65: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    spki33: '3039301306072a8648ce3d020106082a8648ce3d030107032200',
    sec1: '30310201010420',
    oid: 'a00a06082a8648ce3d030107'
  }
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return plain(createHash('sha256').update(bytes).digest())
}

/** The public key of a seed of 32 bytes. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(ed25519Pkcs8(seed)), format: 'der', type: 'pkcs8' })
  return plain(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
}

export function ed25519Signer(seed: Uint8Array, publicKey: Uint8Array): SyncSigner {
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: base64url(seed), x: base64url(publicKey) }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return message => plain(sign(null, message, key))
}

export function ed25519Verifier(publicKey: Uint8Array): SyncVerifier {
  // JWK is read ten times faster than DER.
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) }
  const key = withoutStackTraces(() => createPublicKey({ key: jwk, format: 'jwk' }))
  return (message, signature) => verify(null, message, key, signature)
}

/** The uncompressed point of a secret of 32 bytes. Throws where the secret is 0 or not below the order. */
export function ecPublicKey(curve: EcCurve, secret: Uint8Array): Uint8Array {
  // OpenSSL takes 0 and gives the point at infinity for it.
  if (!isSecret(curve, secret)) throw new RangeError('secret is out of range')
  return plain(createPublicKey(ecPrivateKey(curve, secret)).export({ format: 'der', type: 'spki' }).subarray(-65))
}

export function ecSigner(curve: EcCurve, secret: Uint8Array): SyncSigner {
  const key = { key: ecPrivateKey(curve, secret), dsaEncoding: 'ieee-p1363' as const }
  return message => plain(sign('sha256', message, key))
}

/** Takes a point of 33 or 65 bytes and throws where it is not on the curve. */
export function ecVerifier(curve: EcCurve, point: Uint8Array): SyncVerifier {
  const { spki33, spki65 } = ecHeads[curve]
  const spki = concat([fromHex(point.byteLength === 33 ? spki33 : spki65), point])
  const key = {
    key: createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
    dsaEncoding: 'ieee-p1363' as const
  }
  return (message, signature) => verify('sha256', message, key, signature)
}

export function rsaSigner(pkcs1: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.from(pkcs1), format: 'der', type: 'pkcs1' })
  return message => plain(sign('sha256', message, key))
}

export function rsaVerifier(spki: Uint8Array): Verifier {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  return (message, signature) => verify('sha256', message, key, signature)
}

/** A new key as PKCS#1. */
export function generateRsa(bits: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // Written as DER by the generator itself: Node 20 can hang in an export of a fresh pair as JWK.
    const options = {
      modulusLength: bits,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs1', format: 'der' }
    } as const
    generateKeyPair('rsa', options, (error, _publicKey, privateKey) => {
      if (error === null) resolve(plain(privateKey))
      else reject(error)
    })
  })
}

function ecPrivateKey(curve: EcCurve, secret: Uint8Array): KeyObject {
  const { sec1, oid } = ecHeads[curve]
  const der = concat([fromHex(sec1), secret, fromHex(oid)])
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'sec1' })
}

function ed25519Pkcs8(seed: Uint8Array): Uint8Array {
  return concat([fromHex('302e020100300506032b657004220420'), seed])
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
