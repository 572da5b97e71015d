/** Making, reading and writing keys of every type: the functions of `@libp2p/crypto/keys`. */
import type {
  ECDSAPrivateKey,
  Ed25519PrivateKey,
  Ed25519PublicKey,
  KeyType,
  PrivateKey,
  PublicKey,
  RSAPrivateKey,
  Secp256k1PrivateKey,
  Secp256k1PublicKey
} from '@libp2p/interface'
import {
  InvalidMultihashError,
  InvalidParametersError,
  InvalidPrivateKeyError,
  InvalidPublicKeyError,
  UnsupportedKeyTypeError
} from '@weft/errors'
import type { MultihashDigest } from 'multiformats/hashes/interface'
import { decodeKeyMessage, encodeKeyMessage } from './core/key-message.ts'
import { ecdsaFromSecret, ecdsaPrivate, ecdsaPublic } from './ecdsa.ts'
import { ed25519FromSeed, ed25519KeyLength, ed25519Private, ed25519Public } from './ed25519.ts'
import { identityCode, maxInlinedKey } from './key-multihash.ts'
import { BasePublicKey } from './public-key.ts'
import { generateRsaKey, rsaPrivate, rsaPublic } from './rsa.ts'
import { secp256k1Private, secp256k1Public } from './secp256k1.ts'

const publicReaders: Record<KeyType, (data: Uint8Array) => PublicKey> = {
  RSA: rsaPublic,
  Ed25519: ed25519Public,
  secp256k1: secp256k1Public,
  ECDSA: ecdsaPublic
}
const privateReaders: Record<KeyType, (data: Uint8Array) => PrivateKey> = {
  RSA: rsaPrivate,
  Ed25519: ed25519Private,
  secp256k1: secp256k1Private,
  ECDSA: ecdsaPrivate
}

/** A new Ed25519 key: the type to take unless a peer needs another. */
export async function generateKeyPair(type: 'Ed25519'): Promise<Ed25519PrivateKey>
/** A new secp256k1 key. */
export async function generateKeyPair(type: 'secp256k1'): Promise<Secp256k1PrivateKey>
/** A new ECDSA key. Throws `InvalidParametersError` for another curve than P-256. */
export async function generateKeyPair(type: 'ECDSA', curve?: 'P-256'): Promise<ECDSAPrivateKey>
/**
 * A new RSA key of 2,048 to 8,192 bits, a multiple of 8; default 2,048. Throws `InvalidParametersError` for another
 * size.
 */
export async function generateKeyPair(type: 'RSA', bits?: number): Promise<RSAPrivateKey>
/** A new key of any type. `bits` is of RSA only. Throws `UnsupportedKeyTypeError` and as the others. */
export async function generateKeyPair(type: KeyType, bits?: number): Promise<PrivateKey>
export async function generateKeyPair(type: KeyType, bits?: number | string): Promise<PrivateKey> {
  switch (type) {
    case 'Ed25519':
      return ed25519FromSeed(randomBytes(32))
    case 'secp256k1':
      return firstInRange(secp256k1Private)
    case 'RSA':
      return await generateRsaKey(bits === undefined ? 2048 : Number(bits))
    case 'ECDSA':
      if (bits !== undefined && bits !== 'P-256') throw new InvalidParametersError('ECDSA keys are of curve P-256')
      return firstInRange(ecdsaFromSecret)
    default:
      throw new UnsupportedKeyTypeError(`there are no keys of type ${String(type)}`)
  }
}

/**
 * The Ed25519 key of a seed of 32 bytes; whoever knows the seed has the key.
 *
 * @throws UnsupportedKeyTypeError for every other type, InvalidParametersError for another length
 */
export async function generateKeyPairFromSeed(type: 'Ed25519', seed: Uint8Array): Promise<Ed25519PrivateKey>
export async function generateKeyPairFromSeed<T extends KeyType>(
  type: T,
  seed: Uint8Array,
  bits?: number
): Promise<never>
export async function generateKeyPairFromSeed(type: KeyType, seed: Uint8Array): Promise<Ed25519PrivateKey> {
  if (type !== 'Ed25519') throw new UnsupportedKeyTypeError('only Ed25519 keys are made from a seed')
  if (seed.byteLength !== ed25519KeyLength) throw new InvalidParametersError('a seed has 32 bytes')
  return ed25519FromSeed(seed)
}

/**
 * Reads the protobuf form of a public key (specs/peer-ids, "Keys"). Any other encoding than the one that the
 * specification asks for is refused.
 *
 * @param _digest - js-libp2p's hint of the key's hash; not needed, the hash is made when it is asked for
 * @throws InvalidPublicKeyError, UnsupportedKeyTypeError
 */
export function publicKeyFromProtobuf(bytes: Uint8Array, _digest?: unknown): PublicKey {
  const message = decodeKeyMessage(bytes)
  if (message === undefined) throw new InvalidPublicKeyError('public key is not in its protobuf form')
  if (message.type === undefined) throw new UnsupportedKeyTypeError('public key is of an unknown type')
  return publicReaders[message.type](message.data)
}

/** The protobuf form of a public key, also of another implementation's. */
export function publicKeyToProtobuf(key: PublicKey): Uint8Array<ArrayBuffer> {
  return encodeKeyMessage(key.type, key.raw)
}

/**
 * Reads a bare public key: Ed25519 by its 32 bytes, secp256k1 by its 33, RSA and ECDSA as PKIX.
 *
 * @throws InvalidPublicKeyError
 */
export function publicKeyFromRaw(bytes: Uint8Array): PublicKey {
  if (bytes.byteLength === 32) return ed25519Public(bytes)
  if (bytes.byteLength === 33) return secp256k1Public(bytes)
  // An ECDSA key has 91 bytes, the shortest RSA key that is accepted more than 256.
  return bytes.byteLength < 128 ? ecdsaPublic(bytes) : rsaPublic(bytes)
}

/**
 * The public key that stands in an identity multihash.
 *
 * @throws InvalidMultihashError where it is no identity multihash of at most 42 bytes; as `publicKeyFromProtobuf`
 */
export function publicKeyFromMultihash(multihash: MultihashDigest<0x0>): Ed25519PublicKey | Secp256k1PublicKey {
  if (multihash.code !== identityCode || multihash.digest.byteLength > maxInlinedKey) {
    throw new InvalidMultihashError('multihash holds no public key')
  }
  const key = publicKeyFromProtobuf(multihash.digest)
  if (key.type === 'Ed25519' || key.type === 'secp256k1') return key
  throw new UnsupportedKeyTypeError(`${key.type} keys do not stand in a multihash`)
}

/**
 * The multihash that is the key's peer id: identity to 42 bytes of protobuf, else sha2-256. Takes other
 * implementations' keys.
 *
 * @throws InvalidPublicKeyError, UnsupportedKeyTypeError
 */
export function publicKeyToMultihash(key: PublicKey): MultihashDigest<0x0 | 0x12> {
  return toOwnPublicKey(key).toMultihash()
}

/**
 * Reads the protobuf form in which private keys are stored.
 *
 * @throws InvalidPrivateKeyError, UnsupportedKeyTypeError
 */
export function privateKeyFromProtobuf(
  bytes: Uint8Array
): Ed25519PrivateKey | Secp256k1PrivateKey | RSAPrivateKey | ECDSAPrivateKey {
  const message = decodeKeyMessage(bytes)
  if (message === undefined) throw new InvalidPrivateKeyError('private key is not in its protobuf form')
  if (message.type === undefined) throw new UnsupportedKeyTypeError('private key is of an unknown type')
  return privateReaders[message.type](message.data)
}

/** The protobuf form of a private key, also of another implementation's. It is the secret itself. */
export function privateKeyToProtobuf(key: PrivateKey): Uint8Array<ArrayBuffer> {
  return encodeKeyMessage(key.type, key.raw)
}

/**
 * Reads a bare private key: Ed25519 by its 64 bytes (seed, public key), secp256k1 by its 32, RSA as PKCS#1, ECDSA in
 * the form of RFC 5915.
 *
 * @throws InvalidPrivateKeyError
 */
export function privateKeyFromRaw(bytes: Uint8Array): PrivateKey {
  if (bytes.byteLength === 64) return ed25519Private(bytes)
  if (bytes.byteLength === 32) return secp256k1Private(bytes)
  // An ECDSA key has 121 bytes, an RSA key more than 1,000.
  return bytes.byteLength < 256 ? ecdsaPrivate(bytes) : rsaPrivate(bytes)
}

/** One of this package's keys, made of another implementation's where it is not one already. */
export function toOwnPublicKey(key: PublicKey): PublicKey {
  return BasePublicKey.is(key) ? key : publicKeyFromProtobuf(publicKeyToProtobuf(key))
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}

/** A random secret is out of range once in 2^32 at most; then another is drawn. */
function firstInRange<T>(make: (secret: Uint8Array) => T): T {
  for (let tries = 0; ; tries++) {
    try {
      return make(randomBytes(32))
    } catch (error) {
      if (tries === 8) throw error
    }
  }
}
