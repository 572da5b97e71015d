import type { PeerId, PrivateKey } from '@libp2p/interface'
import { InvalidCryptoExchangeError, UnexpectedPeerError } from '@weft/errors'
import type { ProvenPeers } from '@weft/interface-crypto-channel'
import { peerIdFromPublicKey, publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import { type NoisePayload, signedBytes } from './core/payload.ts'

/** The proof for remotes that the static key belongs to this peer. */
export type Identity = Pick<NoisePayload, 'identityKey' | 'identitySig'>

/** Signs the static key. It is the same for all connections, so this is done once. */
export async function signIdentity(privateKey: PrivateKey, staticKey: Uint8Array): Promise<Identity> {
  return {
    identityKey: publicKeyToProtobuf(privateKey.publicKey),
    identitySig: await privateKey.sign(signedBytes(staticKey))
  }
}

/**
 * The peer authenticated by a payload. Throws `UnexpectedPeerError` if another one was expected, and
 * `InvalidCryptoExchangeError` for an invalid key or signature. A remote that keeps its static key is verified once:
 * `proven` caches the result.
 */
export async function verifyIdentity(
  { identityKey, identitySig }: NoisePayload,
  staticKey: Uint8Array,
  expected: PeerId | undefined,
  proven: ProvenPeers
): Promise<PeerId> {
  const proof = [staticKey, identityKey, identitySig]
  const known = proven.get(proof)
  if (known !== undefined) {
    checkExpected(known, expected)
    return known
  }
  const key = readKey(identityKey)
  const peerId = peerIdFromPublicKey(key)
  checkExpected(peerId, expected)
  if (!(await isSigned(key, staticKey, identitySig))) {
    throw new InvalidCryptoExchangeError('noise: the static key is not signed by the identity key')
  }
  proven.add(proof, peerId)
  return peerId
}

function checkExpected(actual: PeerId, expected: PeerId | undefined): void {
  if (expected === undefined || actual.equals(expected)) return
  throw new UnexpectedPeerError(`the remote is ${actual.toString()}, not ${expected.toString()}`, {
    facts: { actual: actual.toString(), expected: expected.toString() }
  })
}

function readKey(identityKey: Uint8Array): ReturnType<typeof publicKeyFromProtobuf> {
  try {
    return publicKeyFromProtobuf(identityKey)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('noise: the identity key cannot be read', { cause })
  }
}

async function isSigned(
  key: ReturnType<typeof publicKeyFromProtobuf>,
  staticKey: Uint8Array,
  signature: Uint8Array
): Promise<boolean> {
  try {
    return await key.verify(signedBytes(staticKey), signature)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('noise: the signature cannot be checked', { cause })
  }
}
