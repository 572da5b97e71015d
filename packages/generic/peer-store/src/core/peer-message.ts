/** The bytes of a peer in a datastore: the message that js-libp2p's peer store writes, so that either reads the other's. */
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { peerIdFromPublicKey, publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import {
  bool,
  bytes,
  field,
  implicit,
  type MessageCodec,
  message,
  repeated,
  string,
  uint32,
  uint64,
  uint64Number
} from '@weft/protobuf'
import type { Entry, StoredAddress, StoredTag } from './entry.ts'
import { maxStoredItems } from './limits.ts'

interface AddressMessage {
  multiaddr: Uint8Array
  isCertified?: boolean
  observed?: number
}

interface TagMessage {
  value: number
  expiry?: bigint
}

interface MetadataMessage {
  key: string
  value: Uint8Array
}

interface NamedTagMessage {
  key: string
  value?: TagMessage
}

interface PeerMessage {
  addresses: AddressMessage[]
  protocols: string[]
  publicKey?: Uint8Array
  peerRecordEnvelope?: Uint8Array
  metadata: MetadataMessage[]
  tags: NamedTagMessage[]
  updated?: number
}

const addressMessage: MessageCodec<AddressMessage> = message<AddressMessage>({
  multiaddr: field(1, implicit(bytes())),
  isCertified: field(2, bool()),
  observed: field(3, uint64Number())
})
const tagMessage: MessageCodec<TagMessage> = message<TagMessage>({
  value: field(1, implicit(uint32())),
  expiry: field(2, uint64())
})
const metadataMessage: MessageCodec<MetadataMessage> = message<MetadataMessage>({
  key: field(1, implicit(string())),
  value: field(2, implicit(bytes()))
})
const namedTagMessage: MessageCodec<NamedTagMessage> = message<NamedTagMessage>({
  key: field(1, implicit(string())),
  value: field(2, tagMessage)
})
const peerMessage: MessageCodec<PeerMessage> = message<PeerMessage>({
  addresses: field(1, repeated(addressMessage, maxStoredItems)),
  protocols: field(2, repeated(string(), maxStoredItems)),
  publicKey: field(4, bytes()),
  peerRecordEnvelope: field(5, bytes()),
  metadata: field(6, repeated(metadataMessage, maxStoredItems)),
  tags: field(7, repeated(namedTagMessage, maxStoredItems)),
  updated: field(8, uint64Number())
})

export function encodeEntry(entry: Entry): Uint8Array<ArrayBuffer> {
  const { id, peerRecordEnvelope } = entry
  return peerMessage.encode({
    addresses: entry.addresses.map(({ multiaddr: address, isCertified, observed }) => ({
      multiaddr: address.bytes,
      isCertified,
      observed
    })),
    protocols: [...entry.protocols],
    // Other ids hold their key.
    ...(id.type === 'RSA' && id.publicKey !== undefined ? { publicKey: publicKeyToProtobuf(id.publicKey) } : {}),
    ...(peerRecordEnvelope === undefined ? {} : { peerRecordEnvelope }),
    metadata: sorted(entry.metadata).map(([key, value]) => ({ key, value })),
    tags: sorted(entry.tags).map(([key, { value, expiry }]) => ({
      key,
      value: expiry === undefined ? { value } : { value, expiry }
    })),
    updated: entry.updated
  })
}

/** What was stored under this id. Throws `ProtobufError`; what is wrong inside is left out. */
export function decodeEntry(id: PeerId, data: Uint8Array): Entry {
  const stored = peerMessage.decode(data)
  return {
    id: stored.publicKey === undefined ? id : idWithKey(id, stored.publicKey),
    addresses: stored.addresses.flatMap(toAddress),
    protocols: stored.protocols,
    metadata: new Map(stored.metadata.map(({ key, value }) => [key, value])),
    tags: new Map(stored.tags.map(({ key, value }): [string, StoredTag] => [key, value ?? { value: 0 }])),
    // A peer without a time is as old as can be.
    updated: stored.updated ?? 0,
    ...(stored.peerRecordEnvelope === undefined ? {} : { peerRecordEnvelope: stored.peerRecordEnvelope })
  }
}

function toAddress(stored: AddressMessage): StoredAddress[] {
  let address: Multiaddr
  try {
    address = multiaddr(stored.multiaddr)
  } catch {
    return []
  }
  return [{ multiaddr: address, isCertified: stored.isCertified ?? false, observed: stored.observed ?? 0 }]
}

function idWithKey(id: PeerId, publicKey: Uint8Array): PeerId {
  try {
    const withKey = peerIdFromPublicKey(publicKeyFromProtobuf(publicKey))
    return withKey.equals(id) ? withKey : id
  } catch {
    return id
  }
}

function sorted<T>(map: ReadonlyMap<string, T>): Array<[string, T]> {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}
