/** Public keys in their protobuf form: one that is read has one encoding, and its id holds or hashes it. */
import { equals } from '@weft/bytes'
import { peerIdFromMultihash, peerIdFromPublicKey, publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'

export const name = 'peer-id-public-key'

const refusals = new Set(['InvalidPublicKeyError', 'UnsupportedKeyTypeError'])

export function fuzz(input: Uint8Array): void {
  let key: ReturnType<typeof publicKeyFromProtobuf>
  try {
    key = publicKeyFromProtobuf(input)
  } catch (error) {
    if (refusals.has((error as Error).name)) return
    throw error
  }
  const written = publicKeyToProtobuf(key)
  // Only the uncompressed form of a secp256k1 key is written differently.
  if (!equals(written, input) && input.byteLength !== 69) throw new Error('a key was written differently from its form')
  if (!publicKeyFromProtobuf(written).equals(key)) throw new Error('a key was not read back')
  const id = peerIdFromPublicKey(key)
  if (!peerIdFromMultihash(id.toMultihash()).equals(id)) throw new Error('an id was not read back')
  const inlined = written.byteLength <= 42
  if (inlined !== (id.toMultihash().code === 0)) throw new Error('a key was inlined or hashed against its length')
  if (key.type !== 'RSA' && key.verify(input, input) !== false) throw new Error('arbitrary bytes passed as a signature')
}
