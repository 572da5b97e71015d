/** Private keys in their protobuf form, as a key file holds them: one that is read is written so that it reads the same. */
import { equals } from '@weft/bytes'
import { peerIdFromPrivateKey, peerIdFromPublicKey, privateKeyFromProtobuf, privateKeyToProtobuf } from '@weft/peer-id'

export const name = 'peer-id-private-key'

// A key that is read has its public key computed, and signs: 1 ms to 3 ms each.
export const minimum = 1000

const refusals = new Set(['InvalidPrivateKeyError', 'UnsupportedKeyTypeError'])

export function fuzz(input: Uint8Array): void {
  let key: ReturnType<typeof privateKeyFromProtobuf>
  try {
    key = privateKeyFromProtobuf(input)
  } catch (error) {
    if (refusals.has((error as Error).name)) return
    throw error
  }
  const written = privateKeyToProtobuf(key)
  const again = privateKeyFromProtobuf(written)
  if (!again.equals(key) || !equals(privateKeyToProtobuf(again), written)) throw new Error('a key was not read back')
  if (!peerIdFromPrivateKey(key).equals(peerIdFromPublicKey(key.publicKey))) {
    throw new Error('a key has another id than its public key')
  }
  if (key.type !== 'Ed25519' && key.type !== 'secp256k1') return
  const signature = key.sign(input)
  if (signature instanceof Promise) throw new Error('a signature comes later')
  if (key.publicKey.verify(input, signature) !== true) throw new Error('a key does not verify what it signed')
}
