/** Making peer ids of keys, multihashes, CIDs and text: the functions of `@libp2p/peer-id`. */
import type {
  ECDSAPublicKey,
  Ed25519PeerId,
  Ed25519PrivateKey,
  Ed25519PublicKey,
  PeerId,
  PrivateKey,
  PublicKey,
  RSAPeerId,
  RSAPrivateKey,
  RSAPublicKey,
  Secp256k1PeerId,
  Secp256k1PrivateKey,
  Secp256k1PublicKey,
  URLPeerId
} from '@libp2p/interface'
import { InvalidCIDError, InvalidMultihashError, isInvalidPublicKeyError, UnsupportedKeyTypeError } from '@weft/errors'
import type { CID } from 'multiformats/cid'
import { decode } from 'multiformats/hashes/digest'
import type { MultihashDigest } from 'multiformats/hashes/interface'
import { decodeKeyMessage } from './core/key-message.ts'
import { checkEd25519Public } from './ed25519.ts'
import { identityCode, identityMultihash, KeyMultihash, maxInlinedKey, sha256Code } from './key-multihash.ts'
import { publicKeyFromMultihash, toOwnPublicKey } from './keys.ts'
import { ed25519KeyOffset, EcdsaPeerId, HashedPeerId, InlinedEd25519PeerId, InlinedSecp256k1PeerId } from './peer-id.ts'
import { libp2pKeyCode } from './public-key.ts'
import { keepPeerId, recentPeerId } from './recent-peer-ids.ts'
import { peerIdSymbol } from './symbols.ts'
import { gatewayCode, urlPeerId } from './url-peer-id.ts'

/** Whether a value is a peer id, of whichever implementation. */
export function isPeerId(value?: unknown): value is PeerId {
  return Boolean((value as { [peerIdSymbol]?: unknown } | null | undefined)?.[peerIdSymbol])
}

/**
 * The peer id of a public key, which it then carries. Takes other implementations' keys. Of an ECDSA key the id's
 * `type` is `'ECDSA'`, which the contract's union does not list.
 *
 * @throws InvalidPublicKeyError, UnsupportedKeyTypeError
 */
export function peerIdFromPublicKey(publicKey: Ed25519PublicKey): Ed25519PeerId
export function peerIdFromPublicKey(publicKey: Secp256k1PublicKey): Secp256k1PeerId
export function peerIdFromPublicKey(publicKey: RSAPublicKey): RSAPeerId
export function peerIdFromPublicKey(publicKey: PublicKey): PeerId
export function peerIdFromPublicKey(publicKey: PublicKey): PeerId {
  const key = toOwnPublicKey(publicKey)
  switch (key.type) {
    case 'Ed25519':
      return new InlinedEd25519PeerId(key.toMultihash(), key)
    case 'secp256k1':
      return new InlinedSecp256k1PeerId(key.toMultihash(), key)
    case 'RSA':
      return new HashedPeerId(key.toMultihash(), key)
    case 'ECDSA':
      return ecdsaPeerId(key)
    default:
      throw new UnsupportedKeyTypeError()
  }
}

/** The peer id of a private key: that of its public key. */
export function peerIdFromPrivateKey(privateKey: Ed25519PrivateKey): Ed25519PeerId
export function peerIdFromPrivateKey(privateKey: Secp256k1PrivateKey): Secp256k1PeerId
export function peerIdFromPrivateKey(privateKey: RSAPrivateKey): RSAPeerId
export function peerIdFromPrivateKey(privateKey: PrivateKey): PeerId
export function peerIdFromPrivateKey(privateKey: PrivateKey): PeerId {
  return peerIdFromPublicKey(privateKey.publicKey)
}

/**
 * The peer id that a multihash is: sha2-256 (of a key that is not known from it; `type` is `'RSA'`, as such keys mostly
 * are), or identity over a key of at most 42 bytes or over a URL. The bytes are copied.
 *
 * @throws InvalidMultihashError, InvalidPublicKeyError
 */
export function peerIdFromMultihash(multihash: MultihashDigest): PeerId {
  const { code, digest } = multihash
  if (code === sha256Code && digest.byteLength === 32) {
    return new HashedPeerId(new KeyMultihash(code, Uint8Array.of(code, 32, ...digest)))
  }
  if (code !== identityCode) throw new InvalidMultihashError('a peer id is a multihash of sha2-256 or identity')
  const message = digest.byteLength <= maxInlinedKey ? decodeKeyMessage(digest) : undefined
  if (message === undefined) return urlPeerId(digest)
  const own = identityMultihash(digest)
  if (message.type === 'Ed25519') {
    checkEd25519Public(digest.subarray(ed25519KeyOffset))
    return new InlinedEd25519PeerId(own)
  }
  return inlinedSecp256k1(own)
}

/**
 * The peer id of a multihash's bytes, the form that protocols send.
 *
 * @throws InvalidMultihashError, InvalidPublicKeyError
 */
export function peerIdFromMultihashBytes(bytes: Uint8Array): PeerId {
  const known = recentPeerId(bytes)
  if (known !== undefined) return known
  let multihash: MultihashDigest
  try {
    multihash = decode(bytes)
  } catch (cause) {
    throw new InvalidMultihashError('bytes are no multihash', { cause })
  }
  return keepPeerId(peerIdFromMultihash(multihash))
}

/**
 * The peer id in a CID: version 0, or version 1 with codec `libp2p-key`, or `transport-ipfs-gateway-http` of a URL.
 *
 * @throws InvalidCIDError, and as `peerIdFromMultihash`
 */
export function peerIdFromCID(cid: CID): Ed25519PeerId | Secp256k1PeerId | RSAPeerId | URLPeerId {
  if (cid?.multihash == null || (cid.version !== 0 && cid.version !== 1)) throw new InvalidCIDError()
  if (cid.version === 1 && cid.code === gatewayCode && cid.multihash.code === identityCode) {
    return urlPeerId(cid.multihash.digest)
  }
  if (cid.version === 1 && cid.code !== libp2pKeyCode) throw new InvalidCIDError('the CID does not name a peer')
  return peerIdFromMultihash(cid.multihash)
}

function inlinedSecp256k1(multihash: KeyMultihash<0x0>): Secp256k1PeerId {
  let key: Ed25519PublicKey | Secp256k1PublicKey
  try {
    key = publicKeyFromMultihash(multihash)
  } catch (cause) {
    if (isInvalidPublicKeyError(cause)) throw cause
    throw new InvalidMultihashError('no key of this type stands in a peer id', { cause })
  }
  if (key.type === 'secp256k1') return new InlinedSecp256k1PeerId(multihash, key)
  throw new InvalidMultihashError('multihash holds no secp256k1 key')
}

function ecdsaPeerId(key: ECDSAPublicKey): PeerId {
  const multihash = key.toMultihash() as unknown as KeyMultihash<0x12>
  return new EcdsaPeerId(multihash, key) as unknown as PeerId
}
