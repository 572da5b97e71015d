/**
 * What the parts of a node ask of one another: the components that `@libp2p/interface-internal` 3.1 names, declared here
 * because published types of weft name no other package of js-libp2p than `@libp2p/interface`. `contracts.test.ts` proves
 * that both sets are assignable to each other. The names of the components are those under which they are injected.
 */
import type {
  AbortOptions,
  ComponentLogger,
  Connection,
  ConnectionGater,
  ConnectionProtector,
  ContentRouting,
  DialOptions,
  DialTarget,
  IsDialableOptions,
  Libp2pEvents,
  Listener,
  Metrics,
  MultiaddrConnection,
  NewStreamOptions,
  NodeInfo,
  PeerId,
  PeerInfo,
  PeerRouting,
  PeerStore,
  PendingDial,
  PrivateKey,
  Startable,
  Stream,
  StreamHandler,
  StreamHandlerOptions,
  StreamHandlerRecord,
  StreamMiddleware,
  Topology,
  Transport,
  TransportManagerDialProgressEvents,
  TypedEventTarget,
  Upgrader
} from '@libp2p/interface'
import type { DNS } from '@multiformats/dns'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

/** A map whose keys are peers, compared by their id. */
export interface PeerMap<T> {
  readonly size: number
  get(peer: PeerId): T | undefined
  has(peer: PeerId): boolean
  set(peer: PeerId, value: T): void
  delete(peer: PeerId): boolean
  clear(): void
  keys(): IterableIterator<PeerId>
  values(): IterableIterator<T>
  entries(): IterableIterator<[PeerId, T]>
  [Symbol.iterator](): IterableIterator<[PeerId, T]>
}

/** Handlers of protocols, and topologies that are told of peers which speak one. */
export interface Registrar {
  /** Names of all handled protocols. */
  getProtocols(): string[]
  /** Throws `DuplicateProtocolHandlerError` unless `options.force`. */
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
  unhandle(protocol: string, options?: AbortOptions): Promise<void>
  /** Throws `UnhandledProtocolError`. */
  getHandler(protocol: string): StreamHandlerRecord
  use(protocol: string, middleware: StreamMiddleware[]): void
  unuse(protocol: string): void
  getMiddleware(protocol: string): StreamMiddleware[]
  /** Gives the id that `unregister` takes. */
  register(protocol: string, topology: Topology, options?: AbortOptions): Promise<string>
  unregister(id: string): void
  getTopologies(protocol: string): Topology[]
}

export interface OpenConnectionOptions extends Pick<DialOptions, 'signal' | 'onProgress' | 'force'> {
  /** The higher, the sooner. Default 50; a user's own dials have 75. */
  priority?: number
  /** False to negotiate as the responder, for a simultaneous connect. Default true. */
  initiator?: boolean
}

/** All connections of a node, and the dials that make them. */
export interface ConnectionManager {
  /** Open connections, of one peer or of all. */
  getConnections(peerId?: PeerId): Connection[]
  /**
   * A `PeerMap<Connection[]>`. It is not typed so, since interface-internal names a class with a private member there,
   * to which nothing else is assignable.
   */
  getConnectionsMap(): any // oxlint-disable-line typescript/no-explicit-any -- see above
  getMaxConnections(): number
  /** A lower number than before leads to pruning. */
  setMaxConnections(maxConnections: number): void
  openConnection(peer: DialTarget, options?: OpenConnectionOptions): Promise<Connection>
  /** A stream over the best connection, which is dialed if there is none. */
  openStream(
    peer: DialTarget,
    protocol: string | string[],
    options?: OpenConnectionOptions & NewStreamOptions
  ): Promise<Stream>
  closeConnections(peer: PeerId, options?: AbortOptions): Promise<void>
  /** Whether there is room for an inbound connection, before anything is negotiated. It then counts as pending. */
  acceptIncomingConnection(maConn: MultiaddrConnection): boolean
  /** Ends what `acceptIncomingConnection` began, whether the upgrade succeeded or not. */
  afterUpgradeInbound(): void
  /** Dials that wait or run. */
  getDialQueue(): PendingDial[]
  isDialable(multiaddr: Multiaddr | Multiaddr[], options?: IsDialableOptions): Promise<boolean>
}

/**
 * Where an own address comes from: a listener, the configuration, what a peer saw, a domain name or a router's port
 * mapping.
 */
export type AddressType = 'transport' | 'announce' | 'observed' | 'dns-mapping' | 'ip-mapping'

/** An own address and what is known of it. Times are in ms since 1970. */
export interface NodeAddress {
  multiaddr: Multiaddr
  /** Whether it may be shared with peers. */
  verified: boolean
  lastVerified?: number
  /** When it should be verified again. */
  expires: number
  type: AddressType
}

export interface ConfirmAddressOptions {
  /** For how long the address then counts as verified, in ms. */
  ttl?: number
  type?: AddressType
}

/** The node's own addresses. */
export interface AddressManager {
  getListenAddrs(): Multiaddr[]
  getAnnounceAddrs(): Multiaddr[]
  /** What peers reported, verified or not. */
  getObservedAddrs(): Multiaddr[]
  /** The address was dialed from outside: from now on it is shared. */
  confirmObservedAddr(addr: Multiaddr, options?: ConfirmAddressOptions): void
  /** The address could not be dialed from outside. */
  removeObservedAddr(addr: Multiaddr): void
  addObservedAddr(addr: Multiaddr): void
  /** Verified addresses after the announce filter, each with `/p2p/<own id>`. */
  getAddresses(): Multiaddr[]
  getAddressesWithMetadata(): NodeAddress[]
  addDNSMapping(domain: string, ipAddresses: string[]): void
  removeDNSMapping(domain: string): void
  addPublicAddressMapping(
    internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort?: number,
    protocol?: 'tcp' | 'udp'
  ): void
  removePublicAddressMapping(
    internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort?: number,
    protocol?: 'tcp' | 'udp'
  ): void
}

export interface TransportManagerDialOptions extends AbortOptions {
  onProgress?: (event: TransportManagerDialProgressEvents) => void
}

/** Transports and their listeners. Connections that it opens are not managed: use the connection manager. */
export interface TransportManager {
  /** Throws `InvalidParametersError` for a second transport of one name. */
  add(transport: Transport): void
  /** Throws `TransportUnavailableError` if no transport takes the address. */
  dial(ma: Multiaddr, options?: TransportManagerDialOptions): Promise<Connection>
  /** Addresses of all listeners. */
  getAddrs(): Multiaddr[]
  getTransports(): Transport[]
  getListeners(): Listener[]
  dialTransportForMultiaddr(ma: Multiaddr): Transport | undefined
  listenTransportForMultiaddr(ma: Multiaddr): Transport | undefined
  listen(addrs: Multiaddr[]): Promise<void>
  /** Takes away the transport of that name and closes its listeners. */
  remove(key: string): Promise<void>
  removeAll(): Promise<void>
}

/** Finds peers by asking the routers for those closest to random keys. */
export interface RandomWalk {
  /** Yields until the caller stops or the signal fires. Callers share one walk. */
  walk(options?: AbortOptions): AsyncGenerator<PeerInfo>
}

/**
 * What every factory (`components => instance`) is given. Reading one that is not there throws `MissingServiceError`,
 * except for the optional ones. Services are there under the names that the configuration gives them.
 */
export interface Components extends Startable {
  peerId: PeerId
  privateKey: PrivateKey
  nodeInfo: NodeInfo
  logger: ComponentLogger
  /** Events of the node. What is dispatched here is dispatched on the node too. */
  events: TypedEventTarget<Libp2pEvents>
  addressManager: AddressManager
  peerStore: PeerStore
  upgrader: Upgrader
  randomWalk: RandomWalk
  registrar: Registrar
  connectionManager: ConnectionManager
  transportManager: TransportManager
  connectionGater: ConnectionGater
  contentRouting: ContentRouting
  peerRouting: PeerRouting
  datastore: Datastore
  connectionProtector?: ConnectionProtector
  metrics?: Metrics
  dns?: DNS
  // oxlint-disable-next-line typescript/no-explicit-any -- as in js-libp2p: a service's factory names the types it needs
  [name: string]: any
}
