import type { AbortOptions, PeerId, PublicKey } from '@libp2p/interface'
import { concat } from '@weft/bytes'
import { InvalidPublicKeyError } from '@weft/errors'
import type { Components } from '@weft/interface-node'
import { publicKeyFromProtobuf } from '@weft/peer-id'

const prefix = new TextEncoder().encode('/pk/')

/**
 * The public key of a peer: of its id, of the peer store, or of the record `/pk/<id>` that content routing finds, which
 * is then stored. Throws `InvalidPublicKeyError` if the record holds another peer's key.
 */
export async function findPublicKey(
  peer: PeerId,
  { contentRouting, peerStore }: Components,
  options: AbortOptions = {}
): Promise<PublicKey> {
  if (peer.publicKey != null) return peer.publicKey
  try {
    const { id } = await peerStore.get(peer, options)
    if (id.publicKey != null) return id.publicKey
  } catch (error) {
    if ((error as Error).name !== 'NotFoundError') throw error
  }
  const key = publicKeyFromProtobuf(await contentRouting.get(concat([prefix, peer.toMultihash().bytes]), options))
  if (!peer.equals(key.toMultihash().bytes)) {
    throw new InvalidPublicKeyError(`the public key of the record did not match requested peer ${peer.toString()}`)
  }
  await peerStore.patch(peer, { publicKey: key }, options)
  return key
}
