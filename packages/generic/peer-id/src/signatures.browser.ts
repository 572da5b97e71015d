/**
 * The same functions as `signatures.node.ts` where there is no `node:crypto`: curves by `@noble/curves`, synchronous;
 * RSA by WebCrypto, asynchronous.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js'
import { concat, equals } from '@weft/bytes'
import { UnsupportedOperationError } from '@weft/errors'
import type { EcCurve } from './core/ec-encoding.ts'
import { unwrapPkcs8, wrapPkcs8 } from './core/rsa-encoding.ts'
import type { Signer, SyncSigner, SyncVerifier, Verifier } from './signer.ts'

const curves = { secp256k1, 'P-256': p256 }
const rsaAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed)
}

export function ed25519Signer(seed: Uint8Array): SyncSigner {
  return message => ed25519.sign(message, seed)
}

/**
 * RFC 8032, 5.1.7 without the cofactor, comparing encodings, as OpenSSL does it: so that both runtimes take the same
 * signatures. noble's own `verify` multiplies by the cofactor.
 */
export function ed25519Verifier(publicKey: Uint8Array): SyncVerifier {
  let a: ReturnType<typeof ed25519.Point.fromBytes> | undefined
  return (message, signature) => {
    try {
      a ??= ed25519.Point.fromBytes(publicKey)
      const r = signature.subarray(0, 32)
      const s = readLittleEndian(signature.subarray(32))
      const order = ed25519.Point.Fn.ORDER
      if (s >= order) return false
      const k = readLittleEndian(sha512(concat([r, publicKey, message]))) % order
      const expected = ed25519.Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k))
      return equals(expected.toBytes(), r)
    } catch {
      // The key is no point of the curve.
      return false
    }
  }
}

export function ecPublicKey(curve: EcCurve, secret: Uint8Array): Uint8Array {
  return curves[curve].getPublicKey(secret, false)
}

export function ecSigner(curve: EcCurve, secret: Uint8Array): SyncSigner {
  return message => curves[curve].sign(message, secret, { lowS: false })
}

export function ecVerifier(curve: EcCurve, point: Uint8Array): SyncVerifier {
  curves[curve].Point.fromBytes(point).assertValidity()
  return (message, signature) => curves[curve].verify(signature, message, point, { lowS: false })
}

export function rsaSigner(pkcs1: Uint8Array): Signer {
  let imported: Promise<CryptoKey> | undefined
  return async message => {
    imported ??= subtle().importKey('pkcs8', wrapPkcs8(pkcs1), rsaAlgorithm, false, ['sign'])
    return new Uint8Array(await subtle().sign(rsaAlgorithm.name, await imported, new Uint8Array(message)))
  }
}

export function rsaVerifier(spki: Uint8Array): Verifier {
  let imported: Promise<CryptoKey> | undefined
  return async (message, signature) => {
    imported ??= subtle().importKey('spki', new Uint8Array(spki), rsaAlgorithm, false, ['verify'])
    return await subtle().verify(rsaAlgorithm.name, await imported, new Uint8Array(signature), new Uint8Array(message))
  }
}

export async function generateRsa(bits: number): Promise<Uint8Array> {
  const algorithm = { ...rsaAlgorithm, modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) }
  const pair = await subtle().generateKey(algorithm, true, ['sign', 'verify'])
  return unwrapPkcs8(new Uint8Array(await subtle().exportKey('pkcs8', pair.privateKey)))
}

function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle as SubtleCrypto | undefined
  if (found !== undefined) return found
  throw new UnsupportedOperationError('RSA needs WebCrypto, which browsers offer to secure origins only')
}

function readLittleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
  return value
}
