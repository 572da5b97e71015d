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
import type { ResourceManager } from '@weft/resources'
import type { Datastore } from 'interface-datastore'

/** A map whose keys are peers, compared by their id. */
export interface PeerMap<T> {
  /** Number of peers. */
  readonly size: number
  /** The value of a peer. */
  get(peer: PeerId): T | undefined
  /** Whether the peer has a value. */
  has(peer: PeerId): boolean
  /** Sets the value of a peer. */
  set(peer: PeerId, value: T): void
  /** Takes a peer out; returns whether it was there. */
  delete(peer: PeerId): boolean
  /** Takes all peers out. */
  clear(): void
  /** All peers, in the order in which they came. */
  keys(): IterableIterator<PeerId>
  /** All values, in the order of their peers. */
  values(): IterableIterator<T>
  /** All peers with their values. */
  entries(): IterableIterator<[PeerId, T]>
  /** As `entries()`. */
  [Symbol.iterator](): IterableIterator<[PeerId, T]>
}

/** How a protocol is handled. */
export interface HandlerOptions extends StreamHandlerOptions {
  /**
   * The service whose account the protocol's streams count in, both ways. Under the key of a service in `services` the node
   * sets it. Default: none.
   */
  service?: string | undefined
}

/** Handlers of protocols, and topologies that are told of peers which speak one. */
export interface Registrar {
  /** Names of all handled protocols. */
  getProtocols(): string[]
  /** Throws `DuplicateProtocolHandlerError` unless `options.force`. */
  handle(protocol: string, handler: StreamHandler, options?: HandlerOptions): Promise<void>
  /** Takes the handler of a protocol away. */
  unhandle(protocol: string, options?: AbortOptions): Promise<void>
  /** Throws `UnhandledProtocolError`. */
  getHandler(protocol: string): StreamHandlerRecord
  /** Sets what runs before the handler of a protocol, and before its streams are given out. */
  use(protocol: string, middleware: StreamMiddleware[]): void
  /** Takes the middleware of a protocol away. */
  unuse(protocol: string): void
  /** The middleware of a protocol, in the order in which it runs. */
  getMiddleware(protocol: string): StreamMiddleware[]
  /** Gives the id that `unregister` takes. */
  register(protocol: string, topology: Topology, options?: AbortOptions): Promise<string>
  /** Takes a topology away. */
  unregister(id: string): void
  /** The topologies of a protocol. */
  getTopologies(protocol: string): Topology[]
}

/** How to open a connection. */
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
  /** Connections past which inbound ones are refused and the least wanted are closed. */
  getMaxConnections(): number
  /** A lower number than before leads to pruning. */
  setMaxConnections(maxConnections: number): void
  /** The best connection to a peer, which is dialed if there is none, or if `force` is set. */
  openConnection(peer: DialTarget, options?: OpenConnectionOptions): Promise<Connection>
  /** A stream over the best connection, which is dialed if there is none. */
  openStream(
    peer: DialTarget,
    protocol: string | string[],
    options?: OpenConnectionOptions & NewStreamOptions
  ): Promise<Stream>
  /** Closes all connections to a peer. */
  closeConnections(peer: PeerId, options?: AbortOptions): Promise<void>
  /** Whether there is room for an inbound connection, before anything is negotiated. It then counts as pending. */
  acceptIncomingConnection(maConn: MultiaddrConnection): boolean
  /**
   * Ends what `acceptIncomingConnection` began, whether the upgrade succeeded or not. Without the connection, of whose
   * upgrade it is, the one that began first is meant.
   */
  afterUpgradeInbound(connection?: MultiaddrConnection): void
  /**
   * Keeps the connections of a peer from being pruned, until `unprotect` is called with the same tag. Absent where the
   * connection manager is not weft's.
   */
  protect?(peer: PeerId, tag: string): void
  /** Returns whether the peer is still protected, by other tags. */
  unprotect?(peer: PeerId, tag: string): boolean
  /** Whether the peer is protected, by that tag or by any. */
  isProtected?(peer: PeerId, tag?: string): boolean
  /**
   * Lets addresses that failed lately be dialed at once: all of them, those of a peer, or one. Returns how many addresses
   * that were. Absent where the connection manager is not weft's.
   */
  clearBackoff?(peer?: PeerId, address?: Multiaddr): number
  /** Dials that wait or run. */
  getDialQueue(): PendingDial[]
  /** Whether a transport and the gater would let one of the addresses be dialed. May resolve names. */
  isDialable(multiaddr: Multiaddr | Multiaddr[], options?: IsDialableOptions): Promise<boolean>
}

/**
 * Where an own address comes from: a listener, the configuration, what a peer saw, a domain name or a router's port
 * mapping.
 */
export type AddressType = 'transport' | 'announce' | 'observed' | 'dns-mapping' | 'ip-mapping'

/** An own address and what is known of it. Times are in ms since 1970. */
export interface NodeAddress {
  /** The address, without the own peer id unless it was configured with it. */
  multiaddr: Multiaddr
  /** Whether it may be shared with peers. */
  verified: boolean
  /** When it was verified last. */
  lastVerified?: number
  /** When it should be verified again. */
  expires: number
  /** Where it comes from. */
  type: AddressType
}

/** What is known of a verified address. */
export interface ConfirmAddressOptions {
  /** For how long the address then counts as verified, in ms. */
  ttl?: number
  /** Where it comes from, if the caller knows. */
  type?: AddressType
}

/** The node's own addresses. */
export interface AddressManager {
  /** What is configured to be listened on. */
  getListenAddrs(): Multiaddr[]
  /** What is configured to be announced in place of listen addresses. */
  getAnnounceAddrs(): Multiaddr[]
  /** What peers reported, verified or not. */
  getObservedAddrs(): Multiaddr[]
  /** The address was dialed from outside: from now on it is shared. */
  confirmObservedAddr(addr: Multiaddr, options?: ConfirmAddressOptions): void
  /** The address could not be dialed from outside. */
  removeObservedAddr(addr: Multiaddr): void
  /** A peer says that it sees this node there. */
  addObservedAddr(addr: Multiaddr): void
  /** Verified addresses after the announce filter, each with `/p2p/<own id>`. */
  getAddresses(): Multiaddr[]
  /** All addresses, verified or not. */
  getAddressesWithMetadata(): NodeAddress[]
  /** A domain name, with a certificate for it, leads to these IP addresses. */
  addDNSMapping(domain: string, ipAddresses: string[]): void
  /** Takes a name away. */
  removeDNSMapping(domain: string): void
  /** A router forwards the external IP address and port to the internal one. The external port is the same by default,
   * the protocol `tcp`. */
  addPublicAddressMapping(
    internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort?: number,
    protocol?: 'tcp' | 'udp'
  ): void
  /** Takes such a mapping away. */
  removePublicAddressMapping(
    internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort?: number,
    protocol?: 'tcp' | 'udp'
  ): void
}

/** How to dial one address. */
export interface TransportManagerDialOptions extends AbortOptions {
  /** Told of the transport that was chosen. */
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
  /** All transports, in the order in which they were added. */
  getTransports(): Transport[]
  /** All listeners. */
  getListeners(): Listener[]
  /** The first transport that dials such an address. */
  dialTransportForMultiaddr(ma: Multiaddr): Transport | undefined
  /** The first transport that listens on such an address. */
  listenTransportForMultiaddr(ma: Multiaddr): Transport | undefined
  /** Listens on all of these. Throws `UnsupportedListenAddressesError`, unless failures are tolerated. */
  listen(addrs: Multiaddr[]): Promise<void>
  /** Takes away the transport of that name and closes its listeners. */
  remove(key: string): Promise<void>
  /** Takes all transports away and closes all listeners. */
  removeAll(): Promise<void>
}

/** Finds peers by asking the routers for those closest to random keys. */
export interface RandomWalk {
  /** Yields until the caller stops, the signal fires, or `lookups` are over. Callers share one walk. */
  walk(options?: WalkOptions): AsyncGenerator<PeerInfo>
}

/** How long a walk goes on. */
export interface WalkOptions extends AbortOptions {
  /** Keys that are looked up, besides one that others are looking up already. @default Infinity */
  lookups?: number
}

/**
 * What every factory (`components => instance`) is given. Reading one that is not there throws `MissingServiceError`,
 * except for the optional ones. Services are there under the names that the configuration gives them.
 */
export interface Components extends Startable {
  /** The node's own id. */
  peerId: PeerId
  /** The key of that id. */
  privateKey: PrivateKey
  /** What identify says of the software. */
  nodeInfo: NodeInfo
  /** Makes a logger for each component. */
  logger: ComponentLogger
  /** Events of the node. What is dispatched here is dispatched on the node too. */
  events: TypedEventTarget<Libp2pEvents>
  /** Own addresses. */
  addressManager: AddressManager
  /** What is known of other peers. */
  peerStore: PeerStore
  /** Makes connections of raw ones. */
  upgrader: Upgrader
  /** Finds random peers. */
  randomWalk: RandomWalk
  /** Handlers and topologies. */
  registrar: Registrar
  /** Connections and dials. */
  connectionManager: ConnectionManager
  /** Transports and listeners. */
  transportManager: TransportManager
  /** Who may connect: always an object. */
  connectionGater: ConnectionGater
  /** Finds providers and values. */
  contentRouting: ContentRouting
  /** Finds peers. */
  peerRouting: PeerRouting
  /** Keeps records. */
  datastore: Datastore
  /** Keeps a private network private. */
  connectionProtector?: ConnectionProtector
  /** Takes measurements. */
  metrics?: Metrics
  /** Resolves names. */
  dns?: DNS
  /** The accounts of the node: limits, usage and refusals. Other implementations' nodes have none. */
  resourceManager?: ResourceManager
  // oxlint-disable-next-line typescript/no-explicit-any -- as in js-libp2p: a service's factory names the types it needs
  [name: string]: any
}
