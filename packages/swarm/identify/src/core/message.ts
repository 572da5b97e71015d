/** The message of identify and identify push (libp2p spec, identify, "The Identify Message"). */
import { bytes, field, type MessageCodec, message, repeated, string } from '@weft/protobuf'
import { maxParsedItems } from './limits.ts'

export interface IdentifyMessage {
  /** Protobuf of the sender's public key. */
  publicKey?: Uint8Array
  /** Binary multiaddrs on which the sender listens. */
  listenAddrs: Uint8Array[]
  /** Protocols that the sender takes streams for. */
  protocols: string[]
  /** Binary multiaddr under which the sender sees the receiver. */
  observedAddr?: Uint8Array
  /** The family of protocols, such as `ipfs/0.1.0`. Informative. */
  protocolVersion?: string
  /** The sender's software, such as `weft/0.1.0`. Informative. */
  agentVersion?: string
  /** A signed envelope (RFC 0002) of the sender's peer record (RFC 0003). */
  signedPeerRecord?: Uint8Array
}

export const identifyMessage: MessageCodec<IdentifyMessage> = message<IdentifyMessage>({
  publicKey: field(1, bytes()),
  listenAddrs: field(2, repeated(bytes(), maxParsedItems)),
  protocols: field(3, repeated(string(), maxParsedItems)),
  observedAddr: field(4, bytes()),
  protocolVersion: field(5, string()),
  agentVersion: field(6, string()),
  signedPeerRecord: field(8, bytes())
})
