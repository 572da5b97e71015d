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
  /** The node's id. */
  peerId: PeerId
  /** The node's key: its public part is told, and it signs the peer record. */
  privateKey: PrivateKey
  /** Where is kept what peers tell of themselves. */
  peerStore: PeerStore
  /** Names the protocols that are told, and takes the handler of this one. */
  registrar: {
    getProtocols(): string[]
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  /** Has the addresses that are told, and takes the one under which a peer sees this node. */
  addressManager: {
    getAddresses(): Multiaddr[]
    addObservedAddr(addr: Multiaddr): void
  }
  /** Tells of connections and of changes of this node; `peer:identify` is dispatched on it. */
  events: TypedEventTarget<Libp2pEvents>
  /** Makes the logger of the service. */
  logger: ComponentLogger
  /** Its `userAgent` is what peers are told unless the options name another. */
  nodeInfo: NodeInfo
}

/** What identify push needs of a node. */
export interface IdentifyPushComponents extends IdentifyComponents {
  /** Knows who is connected and is to be told. */
  connectionManager: { getConnections(): Connection[] }
}
