/** Between libp2p's keys and WebCrypto's, for certificates. Only RSA and ECDSA keys have both forms. */
import type { PrivateKey } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { base64url } from 'multiformats/bases/base64'
import { unwrapPkcs8 } from './core/rsa-encoding.ts'
import { ecdsaFromSecret } from './ecdsa.ts'
import { rsaPrivate } from './rsa.ts'

const rsaAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const ecdsaAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' }

/**
 * The WebCrypto pair of an RSA or ECDSA key, also of another implementation's. It can be exported.
 *
 * @throws InvalidParametersError for other types
 */
export async function privateKeyToCryptoKeyPair(key: PrivateKey): Promise<CryptoKeyPair> {
  if (key.type !== 'RSA' && key.type !== 'ECDSA') throw unsupported()
  const algorithm = key.type === 'RSA' ? rsaAlgorithm : ecdsaAlgorithm
  const { subtle } = globalThis.crypto
  return {
    privateKey: await subtle.importKey('jwk', key.jwk, algorithm, true, ['sign']),
    publicKey: await subtle.importKey('jwk', key.publicKey.jwk, algorithm, true, ['verify'])
  }
}

/**
 * The key of a WebCrypto pair, which must be extractable: RSASSA-PKCS1-v1_5, or ECDSA on P-256.
 *
 * @throws InvalidParametersError for other algorithms, InvalidPrivateKeyError for sizes that are refused
 */
export async function privateKeyFromCryptoKeyPair({ privateKey }: CryptoKeyPair): Promise<PrivateKey> {
  const { subtle } = globalThis.crypto
  const { name, namedCurve } = privateKey.algorithm as EcKeyAlgorithm
  if (name === rsaAlgorithm.name) {
    return rsaPrivate(unwrapPkcs8(new Uint8Array(await subtle.exportKey('pkcs8', privateKey))))
  }
  if (name === ecdsaAlgorithm.name && namedCurve === ecdsaAlgorithm.namedCurve) {
    const { d = '' } = await subtle.exportKey('jwk', privateKey)
    return ecdsaFromSecret(base64url.baseDecode(d))
  }
  throw unsupported()
}

function unsupported(): InvalidParametersError {
  return new InvalidParametersError('only RSA keys and ECDSA keys on P-256 have a WebCrypto form')
}
