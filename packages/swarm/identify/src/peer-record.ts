import type { Logger, PeerId, PeerStore } from '@libp2p/interface'
import { InvalidMessageError } from '@weft/errors'
import type { Multiaddr } from '@weft/multiaddr'
import { openPeerRecord, PeerRecord, RecordEnvelope } from '@weft/peer-info'

/** The newest signed record of a peer. */
export interface NewestRecord {
  envelope: Uint8Array
  addresses: Multiaddr[]
  seq: bigint
  /** It says that the peer is reachable nowhere, rather than where this node does not understand. */
  isEmpty: boolean
}

/**
 * The record that came from `remotePeer`, or the one that is stored if that is not older. A record that cannot be read
 * is left out, as it may be of a newer form.
 *
 * @throws InvalidMessageError for one of another peer, or not signed by its peer
 */
export async function newestRecord(
  bytes: Uint8Array,
  remotePeer: PeerId,
  peerStore: PeerStore,
  log: Logger
): Promise<NewestRecord | undefined> {
  let record: PeerRecord
  try {
    record = (await openPeerRecord(bytes, { expectedPeer: remotePeer })).record
  } catch (cause) {
    const { name } = cause as Error
    if (name === 'InvalidSignatureError' || name === 'UnexpectedPeerError') {
      throw new InvalidMessageError('the signed peer record is not of the peer that sent it', { cause })
    }
    log('left out the peer record of %p - %e', remotePeer, cause)
    return undefined
  }
  const stored = await storedRecord(remotePeer, peerStore)
  if (stored !== undefined && stored.seq >= record.seqNumber) return stored
  return newestOf(bytes, record)
}

async function storedRecord(peer: PeerId, peerStore: PeerStore): Promise<NewestRecord | undefined> {
  try {
    const envelope = (await peerStore.get(peer)).peerRecordEnvelope
    if (envelope === undefined) return undefined
    const record = PeerRecord.createFromProtobuf(RecordEnvelope.createFromProtobuf(envelope).payload)
    return newestOf(envelope, record)
  } catch {
    // The peer is unknown, or what is stored does not read: what came is the newest.
    return undefined
  }
}

function newestOf(envelope: Uint8Array, record: PeerRecord): NewestRecord {
  const isEmpty = record.multiaddrs.length === 0 && record.unreadable === 0
  return { envelope, addresses: usable(record), seq: record.seqNumber, isEmpty }
}

function usable(record: PeerRecord): Multiaddr[] {
  return record.multiaddrs.filter(address => address.bytes.byteLength > 0)
}
