/**
 * RSA keys of specs/peer-ids: public in PKIX, private in PKCS#1; signatures RSASSA-PKCS1-v1_5 over sha2-256. Size and
 * exponent are checked when a key is read, before anything is computed with it.
 */
import { generateRsa, rsaSigner, rsaVerifier } from '#signatures'
import type { RSAPrivateKey, RSAPublicKey } from '@libp2p/interface'
import { InvalidParametersError, InvalidPrivateKeyError, InvalidPublicKeyError } from '@weft/errors'
import { base64url } from 'multiformats/bases/base64'
import { decodeRsaPrivate, decodeRsaPublic, encodeRsaPublic, maxRsaBits, minRsaBits } from './core/rsa-encoding.ts'
import { type KeyMultihash, sha256Multihash } from './key-multihash.ts'
import { BasePrivateKey } from './private-key.ts'
import { BasePublicKey } from './public-key.ts'
import type { Signer, Verifier } from './signer.ts'

/** A PKIX public key of 2,048 to 8,192 bits. Throws `InvalidPublicKeyError`. */
export function rsaPublic(bytes: Uint8Array): RSAPublicKey {
  try {
    decodeRsaPublic(bytes)
  } catch (cause) {
    throw new InvalidPublicKeyError(`invalid RSA public key: ${(cause as Error).message}`, { cause })
  }
  return new RsaPublic('RSA', new Uint8Array(bytes))
}

/** A PKCS#1 private key of 2,048 to 8,192 bits. Throws `InvalidPrivateKeyError`. */
export function rsaPrivate(bytes: Uint8Array): RSAPrivateKey {
  try {
    const publicKey = new RsaPublic('RSA', encodeRsaPublic(decodeRsaPrivate(bytes)))
    return new RsaPrivate('RSA', new Uint8Array(bytes), publicKey)
  } catch (cause) {
    throw new InvalidPrivateKeyError(`invalid RSA private key: ${(cause as Error).message}`, { cause })
  }
}

/** A new key. `bits`: a multiple of 8, 2,048 to 8,192. Throws `InvalidParametersError`. */
export async function generateRsaKey(bits: number): Promise<RSAPrivateKey> {
  if (!Number.isInteger(bits) || bits < minRsaBits || bits > maxRsaBits || bits % 8 !== 0) {
    throw new InvalidParametersError(`RSA keys have ${minRsaBits} to ${maxRsaBits} bits, a multiple of 8`)
  }
  return rsaPrivate(await generateRsa(bits))
}

class RsaPublic extends BasePublicKey<'RSA', 0x12> implements RSAPublicKey {
  get jwk(): JsonWebKey {
    const { n, e } = decodeRsaPublic(this.raw)
    return { kty: 'RSA', n: base64url.baseEncode(n), e: base64url.baseEncode(e) }
  }

  protected override hash(message: Uint8Array): KeyMultihash<0x12> {
    return sha256Multihash(message)
  }

  protected override createVerifier(): Verifier {
    return rsaVerifier(this.raw)
  }
}

class RsaPrivate extends BasePrivateKey<'RSA', RSAPublicKey> implements RSAPrivateKey {
  get jwk(): JsonWebKey {
    const numbers = Object.entries(decodeRsaPrivate(this.raw))
    return { kty: 'RSA', ...Object.fromEntries(numbers.map(([name, value]) => [name, base64url.baseEncode(value)])) }
  }

  protected override createSigner(raw: Uint8Array): Signer {
    return rsaSigner(raw)
  }
}
