import type {
  ComponentLogger,
  Connection,
  Libp2pEvents,
  NodeInfo,
  PeerId,
  PeerStore,
  PrivateKey,
  StreamHandler,
  StreamHandlerOptions,
  TypedEventTarget
} from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'

/** What identify needs of a node: weft's or js-libp2p's. */
export interface IdentifyComponents {
  peerId: PeerId
  privateKey: PrivateKey
  peerStore: PeerStore
  registrar: {
    getProtocols(): string[]
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  addressManager: {
    getAddresses(): Multiaddr[]
    addObservedAddr(addr: Multiaddr): void
  }
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  nodeInfo: NodeInfo
}

/** What identify push needs of a node. */
export interface IdentifyPushComponents extends IdentifyComponents {
  connectionManager: { getConnections(): Connection[] }
}
