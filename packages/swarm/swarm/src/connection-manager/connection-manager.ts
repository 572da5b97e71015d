/** All connections of a node: which there are, which may come, which are made, and which go. */
import type {
  AbortOptions,
  ComponentLogger,
  Connection,
  DialTarget,
  IsDialableOptions,
  Libp2pEvents,
  Logger,
  Metrics,
  MultiaddrConnection,
  NewStreamOptions,
  PeerId,
  PendingDial,
  Startable,
  Stream,
  TypedEventTarget
} from '@libp2p/interface'
import { AbortError, ConnectionClosedError, InvalidPeerIdError, NotStartedError } from '@weft/errors'
import { admissionSymbol } from '@weft/interface-transport'
import { isCircuit, type Multiaddr, tryGetNetConfig } from '@weft/multiaddr'
import type { ResourceManager } from '@weft/resources'
import type { ConnectionManager, OpenConnectionOptions, PeerMap } from '../contracts.ts'
import type { RefusalReason } from '../core/admission/limits.ts'
import { compareConnections, type ConnectionFacts } from '../core/dial-scheduler/best-connection.ts'
import { DefaultPeerMap } from '../peer-map.ts'
import { progress } from '../progress.ts'
import { ConnectionAdmission } from './admission.ts'
import { closeOrAbort } from './close-or-abort.ts'
import { type DialComponents, DialQueue } from './dial-queue.ts'
import type { DialRecord } from './dial-trace.ts'
import {
  admissionLimits,
  type ConnectionManagerInit,
  connectionLimits,
  reconnectLimits,
  watermarks
} from './options.ts'
import { type PeerAddress, peerAddressOf } from './peer-address.ts'
import { Protection } from './protection.ts'
import { Pruner } from './pruner.ts'
import { ReconnectQueue } from './reconnect-queue.ts'

/** What the connection manager needs of its node. */
export interface ConnectionManagerComponents extends DialComponents {
  peerId: PeerId
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
  resourceManager?: ResourceManager
}

export class DefaultConnectionManager implements ConnectionManager, Startable {
  readonly #components: ConnectionManagerComponents
  readonly #log: Logger
  readonly #admission: ConnectionAdmission
  readonly #init: ConnectionManagerInit
  readonly #dials: DialQueue
  readonly #connections: PeerMap<Connection[]> = new DefaultPeerMap()
  readonly #pruner: Pruner
  readonly #reconnects: ReconnectQueue
  readonly #protection = new Protection()
  readonly #counts = { connections: 0, inbound: 0 }
  #maxConnections: number
  #started = false

  constructor(components: ConnectionManagerComponents, init: ConnectionManagerInit = {}) {
    this.#init = init
    this.#components = components
    this.#log = components.logger.forComponent('libp2p:connection-manager')
    this.#maxConnections = admissionLimits(init).maxConnections
    this.#admission = new ConnectionAdmission(components.logger, init, this.#counts)
    const limits = connectionLimits(init)
    this.#dials = new DialQueue(components, limits, init, peer => this.getConnections(peer))
    const host = {
      getConnections: () => this.getConnections(),
      getMaxConnections: () => this.#maxConnections,
      isSpared: (connection: Connection) => this.#isSpared(connection)
    }
    this.#pruner = new Pruner(components, host, this.#log, watermarks(init, this.#maxConnections))
    const dialer = {
      isConnected: (peer: PeerId) => this.getConnections(peer).some(({ status }) => status === 'open'),
      // Not by `force`: the peer may be doing the same, and of two connections one is to be left.
      open: (peer: PeerId, signal: AbortSignal) => {
        this.clearBackoff(peer)
        return this.openConnection(peer, { signal })
      }
    }
    const log = components.logger.forComponent('libp2p:reconnect-queue')
    this.#reconnects = new ReconnectQueue(components, dialer, log, reconnectLimits(init), limits.dialTimeout)
    components.metrics?.registerMetricGroup('libp2p_connection_manager_connections', {
      calculate: () => this.#countByDirection()
    })
    components.metrics?.registerMetricGroup('libp2p_connection_manager_refused_connections', {
      label: 'reason',
      help: 'Inbound connections that were refused, had to give way or were too slow, by reason',
      calculate: () => this.refused
    })
  }

  static {
    Object.defineProperty(this.prototype, admissionSymbol, {
      get(this: DefaultConnectionManager) {
        return this.#admission
      }
    })
  }

  get [Symbol.toStringTag](): string {
    return '@libp2p/connection-manager'
  }

  start(): void {
    const { events } = this.#components
    events.addEventListener('connection:open', this.#onOpen)
    events.addEventListener('connection:close', this.#onClose)
    this.#pruner.start()
    this.#reconnects.start()
    this.#started = true
  }

  /** Dials the peers that are tagged to be kept, without waiting for them. */
  afterStart(): void {
    this.#reconnects.dialTagged().catch((error: Error) => {
      this.#log.error('could not read which peers to connect to - %e', error)
    })
  }

  /** Ends all dials and closes all connections, within half a second each. */
  async stop(): Promise<void> {
    this.#started = false
    this.#reconnects.stop()
    this.#pruner.stop()
    this.#dials.stop()
    const signal = AbortSignal.timeout(500)
    await Promise.all(this.getConnections().map(connection => closeOrAbort(connection, { signal })))
    const { events } = this.#components
    events.removeEventListener('connection:open', this.#onOpen)
    events.removeEventListener('connection:close', this.#onClose)
    this.#connections.clear()
    Object.assign(this.#counts, { connections: 0, inbound: 0 })
  }

  getConnections(peer?: PeerId): Connection[] {
    if (peer !== undefined) return this.#connections.get(peer) ?? []
    return [...this.#connections.values()].flat()
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the contract's own type
  getConnectionsMap(): any {
    return this.#connections
  }

  getMaxConnections(): number {
    return this.#maxConnections
  }

  setMaxConnections(maxConnections: number): void {
    this.#admission.configure({ ...this.#init, maxConnections })
    this.#components.resourceManager?.setMaxConnections(maxConnections)
    this.#maxConnections = maxConnections
    this.#pruner.check(this.#counts.connections)
  }

  protect(peer: PeerId, tag: string): void {
    this.#protection.protect(peer, tag)
  }

  unprotect(peer: PeerId, tag: string): boolean {
    return this.#protection.unprotect(peer, tag)
  }

  isProtected(peer: PeerId, tag?: string): boolean {
    return this.#protection.isProtected(peer, tag)
  }

  getDialQueue(): PendingDial[] {
    return this.#dials.pending()
  }

  /** The dials of `getDialQueue()`, and what is known of their addresses. js-libp2p has no such thing. */
  getDialRecords(): DialRecord[] {
    return this.#dials.records()
  }

  isDialable(multiaddr: Multiaddr | Multiaddr[], options: IsDialableOptions = {}): Promise<boolean> {
    const accept = (address: Multiaddr): boolean => options.runOnLimitedConnection !== false || !isCircuit(address)
    return this.#dials.isDialable(Array.isArray(multiaddr) ? multiaddr : [multiaddr], options.signal, accept)
  }

  acceptIncomingConnection(connection: MultiaddrConnection): boolean {
    return this.#admission.accept(connection)
  }

  afterUpgradeInbound(connection?: MultiaddrConnection): void {
    this.#admission.settle(connection)
  }

  /** How many inbound connections were refused, had to give way or were too slow, by reason, since the node was made. */
  get refused(): Readonly<Record<RefusalReason, number>> {
    return this.#admission.refused
  }

  /**
   * Lets addresses that failed lately be dialed at once, without `force`: all of them, those of a peer, or one. For
   * whoever learns that the network is back, or the peer. Returns how many addresses were held back.
   */
  clearBackoff(peer?: PeerId, address?: Multiaddr): number {
    return this.#dials.clearBackoff(peer, address)
  }

  /** The best connection to a peer, dialed if there is none, or if `force` is set. */
  async openConnection(target: DialTarget, options: OpenConnectionOptions = {}): Promise<Connection> {
    if (!this.#started) throw new NotStartedError('dialing needs a started node')
    options.signal?.throwIfAborted()
    progress(options, 'connection:open', target)
    const address = peerAddressOf(target)
    if (address.peerId?.equals(this.#components.peerId) === true) throw new InvalidPeerIdError('cannot dial self')
    const existing = options.force === true ? undefined : this.#findExisting(address)
    if (existing !== undefined) progress(options, 'dial-queue:already-connected')
    const connection = existing ?? (await this.#dials.dial(address, options))
    if (connection.status !== 'open')
      throw new ConnectionClosedError('the remote closed the connection as it was opened')
    // The event that stores it is on its way; a caller may ask before.
    this.#store(connection)
    const best = options.force === true ? connection : this.#bestTo(connection)
    progress(options, 'connection:opened', best)
    return best
  }

  async openStream(
    target: DialTarget,
    protocol: string | string[],
    options: OpenConnectionOptions & NewStreamOptions = {}
  ): Promise<Stream> {
    const connection = await this.openConnection(target, options)
    return connection.newStream(protocol, options)
  }

  async closeConnections(peer: PeerId, options: AbortOptions = {}): Promise<void> {
    await Promise.all(this.getConnections(peer).map(connection => closeOrAbort(connection, options)))
  }

  readonly #onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (!this.#started) connection.abort(new AbortError('the node is stopping'))
    else if (connection.status === 'open') this.#store(connection)
  }

  readonly #onClose = ({ detail: connection }: CustomEvent<Connection>): void => {
    const peer = connection.remotePeer
    const all = this.#connections.get(peer)
    const left = all?.filter(other => other !== connection)
    if (all === undefined || left === undefined || left.length === all.length) return
    this.#counts.connections--
    if (connection.direction === 'inbound') this.#counts.inbound--
    if (left.length > 0) {
      this.#connections.set(peer, left)
      return
    }
    this.#connections.delete(peer)
    this.#components.events.safeDispatchEvent('peer:disconnect', { detail: peer })
  }

  #store(connection: Connection): void {
    const peer = connection.remotePeer
    const known = this.#connections.get(peer)
    if (known?.includes(connection) === true) return
    this.#connections.set(peer, [...(known ?? []), connection])
    this.#counts.connections++
    if (connection.direction === 'inbound') this.#counts.inbound++
    this.#storeKey(peer)
    if (known === undefined) this.#components.events.safeDispatchEvent('peer:connect', { detail: peer })
    this.#pruner.check(this.#counts.connections)
  }

  /** Only an RSA id does not hold its key. */
  #storeKey(peer: PeerId): void {
    if (peer.type !== 'RSA' || peer.publicKey === undefined) return
    this.#components.peerStore.patch(peer, { publicKey: peer.publicKey }).catch((error: Error) => {
      this.#log.error('could not store the key of %p - %e', peer, error)
    })
  }

  #findExisting({ peerId, multiaddrs }: PeerAddress): Connection | undefined {
    if (peerId === undefined) return undefined
    const open = this.getConnections(peerId).filter(({ status, limits }) => status === 'open' && limits === undefined)
    const best = bestConnection(this.#dials.kept(open))
    // The peer closes its own as soon as this node's is there: whoever asks now waits for that one.
    if (best?.direction === 'inbound' && this.#dials.willKeepOwn(peerId)) return undefined
    // A relayed connection does not stand in the way of a direct one.
    return best?.direct === false && multiaddrs.some(address => !isCircuit(address)) ? undefined : best
  }

  /** The remote may have dialed too, while this side did: everyone gets the better connection. */
  #bestTo(connection: Connection): Connection {
    const open = this.getConnections(connection.remotePeer).filter(({ status }) => status === 'open')
    return bestConnection(this.#dials.kept(open)) ?? connection
  }

  #isSpared(connection: Connection): boolean {
    return this.#protection.isProtected(connection.remotePeer) || this.#isAllowed(connection)
  }

  #isAllowed({ remoteAddr }: Connection): boolean {
    const host = tryGetNetConfig(remoteAddr)?.host
    return host !== undefined && this.#admission.isAllowed(host)
  }

  #countByDirection(): Record<string, number> {
    const counts = {
      inbound: 0,
      'inbound pending': this.#admission.pending,
      outbound: 0,
      'outbound pending': this.#dials.pending().length
    }
    for (const { direction } of this.getConnections()) counts[direction]++
    return counts
  }
}

function bestConnection(connections: readonly Connection[]): Connection | undefined {
  const facts = ({ limits, direct, streams, timeline }: Connection): ConnectionFacts => ({
    limited: limits !== undefined,
    direct,
    streams: streams.length,
    openedAt: timeline.open
  })
  return [...connections].sort((a, b) => compareConnections(facts(a), facts(b)))[0]
}
