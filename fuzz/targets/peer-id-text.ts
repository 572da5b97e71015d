/** Peer ids as text: one that is read is the same in base58 and as a CID. */
import { isPeerId, type PeerId, peerIdFromCID, peerIdFromString } from '@weft/peer-id'

export const name = 'peer-id-text'

const refusals = new Set([
  'InvalidParametersError',
  'InvalidCIDError',
  'InvalidMultihashError',
  'InvalidPublicKeyError'
])
const decoder = new TextDecoder('latin1')

export function fuzz(input: Uint8Array): void {
  let id: PeerId
  try {
    id = peerIdFromString(decoder.decode(input))
  } catch (error) {
    if (refusals.has((error as Error).name)) return
    throw error
  }
  if (!isPeerId(id) || !id.equals(peerIdFromCID(id.toCID()))) throw new Error('a CID names another id')
  // A URL's text is a CID of a codec that begins with no known prefix of a key's.
  if (id.type !== 'url' && !peerIdFromString(id.toString()).equals(id)) throw new Error('text was not read back')
}
