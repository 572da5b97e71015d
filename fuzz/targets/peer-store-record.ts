/** Peers as they stand in a datastore: what is read is written in a form that reads the same. */
import { equals } from '@weft/bytes'
import { peerIdFromString } from '@weft/peer-id'
import { type Entry, sameContent } from '../../packages/generic/peer-store/src/core/entry.ts'
import { decodeEntry, encodeEntry } from '../../packages/generic/peer-store/src/core/peer-message.ts'

export const name = 'peer-store-record'

const id = peerIdFromString('QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N')

export function fuzz(input: Uint8Array): void {
  let entry: Entry
  try {
    entry = decodeEntry(id, input)
  } catch (error) {
    if ((error as Error).name === 'ProtobufError') return
    throw error
  }
  if (!entry.id.equals(id)) throw new Error('a peer was read under another id')
  const written = encodeEntry(entry)
  const again = decodeEntry(id, written)
  if (!sameContent(again, entry) || again.updated !== entry.updated) throw new Error('a peer was not read back')
  if (!equals(encodeEntry(again), written)) throw new Error('the same peer was written as other bytes')
}
