import type { Entry } from './entry.ts'

// What V8 keeps beside the bytes themselves, measured: a peer with nothing in it, and one more of each.
const peerOverhead = 1024
const addressOverhead = 320
const protocolOverhead = 32
const metadataOverhead = 224
const tagOverhead = 64

/** What makes the size of a peer. */
export type Sized = Pick<Entry, 'id' | 'protocols' | 'metadata' | 'peerRecordEnvelope'> & {
  readonly addresses: ReadonlyArray<Pick<Entry['addresses'][number], 'multiaddr'>>
  readonly tags: ReadonlyMap<string, unknown>
}

/** Bytes that a peer costs in memory: its addresses, protocols, metadata, tags, envelope and key, and what they are kept in. */
export function sizeOf({ id, addresses, protocols, metadata, tags, peerRecordEnvelope }: Sized): number {
  let size = peerOverhead + (peerRecordEnvelope?.byteLength ?? 0)
  // Other ids hold their key.
  if (id.type === 'RSA') size += id.publicKey?.raw.byteLength ?? 0
  for (const { multiaddr } of addresses) size += addressOverhead + multiaddr.bytes.byteLength
  for (const protocol of protocols) size += protocolOverhead + protocol.length
  for (const [key, value] of metadata) size += metadataOverhead + key.length + value.byteLength
  for (const name of tags.keys()) size += tagOverhead + name.length
  return size
}
