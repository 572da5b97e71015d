/** The configuration of a node: js-libp2p's options, with its names. */
import type {
  ComponentLogger,
  ConnectionEncrypter,
  ConnectionGater,
  ConnectionProtector,
  ContentRouting,
  Metrics,
  NodeInfo,
  PeerDiscovery,
  PeerRouting,
  PrivateKey,
  ServiceMap,
  StreamMuxerFactory,
  Transport
} from '@libp2p/interface'
import type { DNS } from '@multiformats/dns'
import type { Components } from '@weft/interface-node'
import type { PeerStoreInit } from '@weft/peer-store'
import type { ResourceLimits } from '@weft/resources'
import type {
  AddressManagerInit,
  ConnectionManagerInit,
  ConnectionMonitorInit,
  TransportManagerInit
} from '@weft/swarm'
import type { Datastore } from 'interface-datastore'

/** A function for each service. It is given all components, and the services that were made before it. */
export type ServiceFactoryMap<T extends ServiceMap = ServiceMap> = {
  [Property in keyof T]: (components: Components & T) => T[Property]
}

type Factory<T> = (components: Components) => T

/** What a node is made of. */
export interface Libp2pInit<T extends ServiceMap = ServiceMap> {
  /** The node's identity. Default: a new Ed25519 key. */
  privateKey?: PrivateKey | undefined
  /** What identify says of this node's software. Default: name and version of weft and of the platform. */
  nodeInfo?: Partial<NodeInfo> | undefined
  /** What to listen on and what to announce. */
  addresses?: AddressManagerInit | undefined
  /** Limits of connections and dials. */
  connectionManager?: ConnectionManagerInit | undefined
  /**
   * The most that the node, and each of its peers, protocols, services, connections and streams may hold. They come before
   * what options of js-libp2p's rule, such as `connectionManager.maxConnections`.
   */
  resourceLimits?: ResourceLimits | undefined
  /** How a dead connection is noticed. */
  connectionMonitor?: ConnectionMonitorInit | undefined
  /** Who may connect and be connected to. Default: everyone. */
  connectionGater?: ConnectionGater | undefined
  /** Whether the node starts if it cannot listen everywhere. Default: no. */
  transportManager?: TransportManagerInit | undefined
  /** Where peers and records are kept. Default: in memory. */
  datastore?: Datastore | undefined
  /** Limits of the peer store. */
  peerStore?: PeerStoreInit | undefined
  /** How bytes travel. Without one the node can do nothing. */
  transports?: Array<Factory<Transport>> | undefined
  /** How streams share a connection, the most wanted first. */
  streamMuxers?: Array<Factory<StreamMuxerFactory>> | undefined
  /** How connections are secured, the most wanted first. */
  connectionEncrypters?: Array<Factory<ConnectionEncrypter>> | undefined
  /** How peers are found without being looked for. */
  peerDiscovery?: Array<Factory<PeerDiscovery>> | undefined
  /** How peers are looked for, beside the services that can. */
  peerRouters?: Array<Factory<PeerRouting>> | undefined
  /** How providers and values are looked for, beside the services that can. */
  contentRouters?: Array<Factory<ContentRouting>> | undefined
  /** Where measurements go. */
  metrics?: Factory<Metrics> | undefined
  /** How a private network is kept private. */
  connectionProtector?: Factory<ConnectionProtector> | undefined
  /** Protocols that the node speaks and functions that it has, under names of the user's choice. */
  services?: ServiceFactoryMap<T> | undefined
  /** Default: `DEBUG=libp2p:*` shows what it does. */
  logger?: ComponentLogger | undefined
  /** How names are resolved. Default: by the system, in browsers over HTTPS. */
  dns?: DNS | undefined
}

/** The options of `createLibp2p`. */
export type Libp2pOptions<T extends ServiceMap = ServiceMap> = Libp2pInit<T> & {
  /** False for a node that is not started yet. Default true. */
  start?: boolean | undefined
}
