/** Records of public keys, `/pk/<peer id>`: for ids that do not hold their key (kad-dht, "Entry validation"). */
import type { PeerId, PublicKey } from '@libp2p/interface'
import { concat, equals, fromUtf8 } from '@weft/bytes'
import { InvalidRecordError, type Validator } from '@weft/interface-record-store'
import { peerIdFromMultihashBytes, peerIdFromPublicKey, publicKeyFromProtobuf } from '@weft/peer-id'

const prefix = fromUtf8('/pk/')

/** The key under which a peer's public key is stored. Its value is the protobuf of the key. */
export function publicKeyRecordKey(peer: PeerId): Uint8Array<ArrayBuffer> {
  return concat([prefix, peer.toMultihash().bytes])
}

/** A public key under the id that it makes. All valid values of a key are equal. */
export const publicKeyValidator: Validator = {
  validate(key, record) {
    const name = readName(key)
    let publicKey: PublicKey
    try {
      publicKey = publicKeyFromProtobuf(record)
    } catch (cause) {
      throw new InvalidRecordError('ERR_INVALID_RECORD', 'the value is no public key', { cause })
    }
    if (!equals(peerIdFromPublicKey(publicKey).toMultihash().bytes, name)) {
      throw new InvalidRecordError('ERR_INVALID_RECORD', 'the public key is not that of the peer id')
    }
  },
  select: () => 0
}

/** The multihash behind `/pk/`. */
function readName(key: Uint8Array): Uint8Array {
  if (!equals(key.subarray(0, prefix.byteLength), prefix)) {
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', 'the key of a public key begins with /pk/')
  }
  const name = key.subarray(prefix.byteLength)
  try {
    peerIdFromMultihashBytes(name)
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', 'no peer id stands behind /pk/', { cause })
  }
  return name
}
