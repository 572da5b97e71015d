/** The messages of kad-dht (libp2p/specs, kad-dht, "RPC messages"). */
import { bytes, field, implicit, int32, type MessageCodec, message, repeated } from '@weft/protobuf'
import {
  maxAddressBytes,
  maxAddresses,
  maxAddressesRead,
  maxKeyLength,
  maxMessageLength,
  maxPeerIdLength,
  maxPeersRead,
  maxReplyLength
} from './limits.ts'

/** What a message asks, or answers. */
export const messageTypes = {
  PUT_VALUE: 0,
  GET_VALUE: 1,
  ADD_PROVIDER: 2,
  GET_PROVIDERS: 3,
  FIND_NODE: 4,
  PING: 5
} as const

/** The name of a type of message. */
export type KadMessageName = keyof typeof messageTypes
/** A type of message, as it is on the wire. */
export type KadMessageType = (typeof messageTypes)[KadMessageName]

/** Names of the types, by number. */
export const messageNames = Object.keys(messageTypes) as readonly KadMessageName[]

/** A peer in a message. */
export interface KadMessagePeer {
  /** The bytes of its id's multihash. */
  id: Uint8Array
  /** Binary multiaddrs, with or without `/p2p/<id>` at the end. */
  addresses: Uint8Array[]
  /** What the sender says of its connection to the peer. Never used. */
  connection?: number | undefined
}

/** A request or an answer. */
export interface KadMessage {
  /** One of `messageTypes`. */
  type: KadMessageType
  /** What is asked for. Empty is not the same as absent. */
  key?: Uint8Array | undefined
  /** The bytes of a record: `@weft/record` reads and writes them. */
  record?: Uint8Array | undefined
  /** Peers that are closer to the key. */
  closerPeers: KadMessagePeer[]
  /** Peers that provide the content of the key. */
  providerPeers: KadMessagePeer[]
}

const messagePeer: MessageCodec<KadMessagePeer> = message<KadMessagePeer>({
  id: field(1, implicit(bytes({ maxLength: maxPeerIdLength }))),
  addresses: field(2, repeated(bytes(), maxAddressesRead)),
  connection: field(3, int32())
})

interface WireMessage extends Omit<KadMessage, 'type'> {
  type: number
}

// Field 10 (clusterLevelRaw) is written by go-libp2p and rust-libp2p and means nothing: it is dropped, and not sent.
const wireMessage: MessageCodec<WireMessage> = message<WireMessage>({
  // Type 0 is PUT_VALUE and left out by writers of proto3.
  type: field(1, implicit(int32())),
  key: field(2, bytes({ maxLength: maxKeyLength })),
  record: field(3, bytes()),
  closerPeers: field(8, repeated(messagePeer, maxPeersRead)),
  providerPeers: field(9, repeated(messagePeer, maxPeersRead))
})

/** Reads and writes messages: what `StreamMessages` takes. `decode` throws `ProtobufError`, and `RangeError` for an unknown type. */
export const kadMessage = {
  encode(sent: KadMessage): Uint8Array<ArrayBuffer> {
    return wireMessage.encode(sent)
  },

  decode(received: Uint8Array, { maxSize = maxMessageLength }: { maxSize?: number } = {}): KadMessage {
    const decoded = wireMessage.decode(received, { maxSize })
    if (messageNames[decoded.type] === undefined) throw new RangeError(`${decoded.type} is no type of message`)
    return decoded as KadMessage
  }
}

/** A message without what is not given. */
export function kadRequest(type: KadMessageType, key?: Uint8Array): KadMessage {
  return { type, key, closerPeers: [], providerPeers: [] }
}

/** The first of a peer's addresses that fit the bounds of one peer. */
export function boundAddresses(
  addresses: readonly Uint8Array[],
  maxCount: number = maxAddresses,
  maxBytes: number = maxAddressBytes
): Uint8Array[] {
  const kept: Uint8Array[] = []
  let total = 0
  for (const address of addresses) {
    if (kept.length === maxCount) break
    if (total + address.byteLength > maxBytes) continue
    total += address.byteLength
    kept.push(address)
  }
  return kept
}

// Of a peer without its addresses: tags, lengths, the longest id and the connection. And of each address.
const peerOverhead = maxPeerIdLength + 12
const addressOverhead = 4
const messageOverhead = 16

/** Bytes of peers at most; Infinity where one of them has too many addresses. */
function measure(peers: readonly KadMessagePeer[]): number {
  let total = 0
  for (const { addresses } of peers) {
    if (addresses.length > maxAddresses) return Number.POSITIVE_INFINITY
    total += peerOverhead + addresses.length * addressOverhead
    for (const { byteLength } of addresses) total += byteLength
  }
  return total
}

/**
 * An answer that is at most `maxReplyLength` long, as far as peers decide that: providers come first, then closer peers; each
 * may use the same share for its addresses, and what it leaves is shared by those behind it. A peer for which there is no
 * room is left out.
 */
export function fitReply(reply: KadMessage, maxLength: number = maxReplyLength): KadMessage {
  const fixed = messageOverhead + (reply.key?.byteLength ?? 0) + (reply.record?.byteLength ?? 0)
  let room = maxLength - fixed
  if (measure(reply.providerPeers) + measure(reply.closerPeers) <= room) return reply
  let left = reply.providerPeers.length + reply.closerPeers.length
  const fit = (peers: readonly KadMessagePeer[]): KadMessagePeer[] => {
    const kept: KadMessagePeer[] = []
    for (const { id, addresses, connection } of peers) {
      const share = Math.floor(room / left--) - peerOverhead
      if (share < 0) continue
      const maxCount = Math.min(maxAddresses, Math.floor(share / addressOverhead))
      const fitting = boundAddresses(addresses, maxCount, share - maxCount * addressOverhead)
      room -= peerOverhead + fitting.reduce((sum, address) => sum + address.byteLength + addressOverhead, 0)
      kept.push({ id, addresses: fitting, connection })
    }
    return kept
  }
  const providerPeers = fit(reply.providerPeers)
  return { ...reply, providerPeers, closerPeers: fit(reply.closerPeers) }
}
