/** The bytes of a peer record (libp2p RFC 0003). */
import { bytes, field, implicit, type MessageCodec, message, repeated, uint64 } from '@weft/protobuf'
import { maxAddresses } from '../limits.ts'

export interface PeerRecordMessage {
  /** The multihash of the peer's id. */
  peerId: Uint8Array
  /** Newer records have higher numbers. */
  seq: bigint
  addresses: AddressMessage[]
}

interface AddressMessage {
  multiaddr: Uint8Array
}

/** Bytes of a multihash; a peer id's has at most 44, that of a URL more. */
const maxPeerIdLength = 272

const address: MessageCodec<AddressMessage> = message<AddressMessage>({ multiaddr: field(1, implicit(bytes())) })

export const peerRecordMessage: MessageCodec<PeerRecordMessage> = message<PeerRecordMessage>({
  peerId: field(1, implicit(bytes({ maxLength: maxPeerIdLength }))),
  seq: field(2, implicit(uint64())),
  addresses: field(3, repeated(address, maxAddresses))
})
