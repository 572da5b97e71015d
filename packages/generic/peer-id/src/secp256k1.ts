/**
 * secp256k1 keys of specs/peer-ids: public in the compressed form of SEC 1, private as 32 bytes; signatures in DER over
 * sha2-256, as BIP 62 has them. Signing gives low s; a signature of high s is refused, because anyone can make it of
 * the low one.
 */
import { ecPublicKey, ecSigner, ecVerifier } from '#signatures'
import type { Secp256k1PrivateKey, Secp256k1PublicKey } from '@libp2p/interface'
import { InvalidPrivateKeyError, InvalidPublicKeyError } from '@weft/errors'
import { compressPoint, decodeSignature, encodeSignature, isLowS, toLowS } from './core/ec-encoding.ts'
import { identityMultihash, type KeyMultihash } from './key-multihash.ts'
import { BasePrivateKey } from './private-key.ts'
import { BasePublicKey } from './public-key.ts'
import type { Signer, Verifier } from './signer.ts'

/** A public key of 33 bytes, or of 65, which is kept compressed. Throws `InvalidPublicKeyError`. */
export function secp256k1Public(bytes: Uint8Array): Secp256k1PublicKey {
  const compressed = bytes.byteLength === 33 && (bytes[0] === 2 || bytes[0] === 3)
  if (!compressed && !(bytes.byteLength === 65 && bytes[0] === 4)) {
    throw new InvalidPublicKeyError('a secp256k1 public key has 33 or 65 bytes, 02, 03 or 04 first')
  }
  try {
    const verifier = lowSVerifier(bytes)
    return new Secp256k1Public('secp256k1', compressed ? new Uint8Array(bytes) : compressPoint(bytes), verifier)
  } catch (cause) {
    throw new InvalidPublicKeyError('secp256k1 public key is not on the curve', { cause })
  }
}

/** A private key of 32 bytes, 1 to the order less 1. Throws `InvalidPrivateKeyError`. */
export function secp256k1Private(bytes: Uint8Array): Secp256k1PrivateKey {
  if (bytes.byteLength !== 32) throw new InvalidPrivateKeyError('a secp256k1 private key has 32 bytes')
  try {
    const publicKey = secp256k1Public(ecPublicKey('secp256k1', bytes))
    return new Secp256k1Private('secp256k1', new Uint8Array(bytes), publicKey)
  } catch (cause) {
    throw new InvalidPrivateKeyError('secp256k1 private key is out of range', { cause })
  }
}

class Secp256k1Public extends BasePublicKey<'secp256k1', 0x0> implements Secp256k1PublicKey {
  protected override hash(message: Uint8Array): KeyMultihash<0x0> {
    return identityMultihash(message)
  }

  protected override createVerifier(): Verifier {
    return lowSVerifier(this.raw)
  }
}

class Secp256k1Private extends BasePrivateKey<'secp256k1', Secp256k1PublicKey> implements Secp256k1PrivateKey {
  protected override createSigner(raw: Uint8Array): Signer {
    const sign = ecSigner('secp256k1', raw)
    return message => encodeSignature(toLowS(sign(message)))
  }
}

/** Throws where the point is not on the curve. */
function lowSVerifier(point: Uint8Array): Verifier {
  const verify = ecVerifier('secp256k1', point)
  return (message, signature) => {
    const compact = decodeSignature(signature)
    return compact !== undefined && isLowS(compact) && verify(message, compact)
  }
}
