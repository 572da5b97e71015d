import { ed25519PublicKey, ed25519Signer, ed25519Verifier } from '#signatures'
import type { Ed25519PrivateKey, Ed25519PublicKey } from '@libp2p/interface'
import { concat, equals } from '@weft/bytes'
import { InvalidPrivateKeyError, InvalidPublicKeyError } from '@weft/errors'
import { isCanonical, isSmallOrder } from './core/ed25519-encoding.ts'
import { identityMultihash, type KeyMultihash } from './key-multihash.ts'
import { BasePrivateKey } from './private-key.ts'
import { BasePublicKey } from './public-key.ts'
import type { Signer, Verifier } from './signer.ts'

/** Bytes of a public key, and of the seed that is the private one. */
export const ed25519KeyLength = 32

/**
 * A public key of 32 bytes. Points of small order and encodings of y >= p are refused: with the former one signature
 * fits many messages, the latter give one key two ids. Throws `InvalidPublicKeyError`.
 */
export function ed25519Public(bytes: Uint8Array): Ed25519PublicKey {
  checkEd25519Public(bytes)
  return new Ed25519Public(new Uint8Array(bytes))
}

/** Throws `InvalidPublicKeyError` for what is refused as a public key. */
export function checkEd25519Public(bytes: Uint8Array): void {
  if (bytes.byteLength !== ed25519KeyLength) {
    throw new InvalidPublicKeyError(`an Ed25519 public key has 32 bytes, not ${bytes.byteLength}`)
  }
  if (!isCanonical(bytes)) throw new InvalidPublicKeyError('Ed25519 public key is not canonical')
  if (isSmallOrder(bytes)) throw new InvalidPublicKeyError('Ed25519 public key is of small order')
}

/**
 * A private key of 64 bytes (seed, public key), or of 96 in the older form that repeats the public key. Throws
 * `InvalidPrivateKeyError`, also where the public half is another key's: signing with it would give the seed away.
 */
export function ed25519Private(bytes: Uint8Array): Ed25519PrivateKey {
  const repeated = bytes.byteLength === 96 && equals(bytes.subarray(32, 64), bytes.subarray(64))
  if (bytes.byteLength !== 64 && !repeated) {
    throw new InvalidPrivateKeyError('an Ed25519 private key has 64 bytes: the seed and the public key')
  }
  const key = ed25519FromSeed(bytes.subarray(0, 32))
  if (!equals(key.publicKey.raw, bytes.subarray(32, 64))) {
    throw new InvalidPrivateKeyError('the public half of the Ed25519 private key is another key')
  }
  return key
}

/** The key of a seed of 32 bytes. */
export function ed25519FromSeed(seed: Uint8Array): Ed25519PrivateKey {
  const publicKey = ed25519PublicKey(seed)
  return new Ed25519Private('Ed25519', concat([seed, publicKey]), new Ed25519Public(new Uint8Array(publicKey)))
}

class Ed25519Public extends BasePublicKey<'Ed25519', 0x0> implements Ed25519PublicKey {
  constructor(raw: Uint8Array) {
    super('Ed25519', raw)
  }

  protected override hash(message: Uint8Array): KeyMultihash<0x0> {
    return identityMultihash(message)
  }

  protected override createVerifier(): Verifier {
    const verify = ed25519Verifier(this.raw)
    // A point of small order in the signature is refused too, the strictest of the readings of RFC 8032.
    return (message, signature) =>
      signature.byteLength === 64 && !isSmallOrder(signature.subarray(0, 32)) && verify(message, signature)
  }
}

class Ed25519Private extends BasePrivateKey<'Ed25519', Ed25519PublicKey> implements Ed25519PrivateKey {
  protected override createSigner(raw: Uint8Array): Signer {
    return ed25519Signer(raw.subarray(0, 32), raw.subarray(32))
  }
}
