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
import type { DialRecord } from '@weft/dialer'
import {
  type ConnectionFacts,
  compareConnections,
  connectionLimits,
  type DialComponents,
  DialQueue,
  multiaddrOf,
  type PeerAddress,
  peerAddressOf
} from '@weft/dialer'
import { AbortError, ConnectionClosedError, InvalidPeerIdError, NotStartedError } from '@weft/errors'
import type { ConnectionManager, OpenConnectionOptions, PeerMap } from '@weft/interface-node'
import { progress } from '@weft/interface-node'
import { admissionSymbol } from '@weft/interface-transport'
import { encapsulatePeer, isCircuit, type Multiaddr, tryGetNetConfig } from '@weft/multiaddr'
import type { ResourceManager } from '@weft/resources'
import { ConnectionAdmission } from '../admission/admission.ts'
import { limitsOf } from '../admission/ledger.ts'
import { admissionLimits } from '../admission/options.ts'
import type { RefusalReason } from '../core/admission/limits.ts'
import { DefaultPeerMap } from '../peer-map.ts'
import { closeOrAbort } from './close-or-abort.ts'
import { type ConnectionManagerInit, reconnectLimits, watermarks } from './options.ts'
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
  private readonly _components: ConnectionManagerComponents
  private readonly _log: Logger
  private readonly _admission: ConnectionAdmission
  private readonly _init: ConnectionManagerInit
  private readonly _dials: DialQueue
  private readonly _connections: PeerMap<Connection[]> = new DefaultPeerMap()
  private readonly _pruner: Pruner
  private readonly _reconnects: ReconnectQueue
  private readonly _protection = new Protection()
  private readonly _counts = { connections: 0, inbound: 0 }
  private _maxConnections: number
  private _started = false

  constructor(components: ConnectionManagerComponents, init: ConnectionManagerInit = {}) {
    this._init = init
    this._components = components
    this._log = components.logger.forComponent('libp2p:connection-manager')
    this._maxConnections = limitsOf(admissionLimits(init), components.resourceManager).maxConnections
    this._admission = new ConnectionAdmission(components.logger, init, this._counts, components.resourceManager)
    const limits = connectionLimits(init)
    this._dials = new DialQueue(components, limits, init, peer => this.getConnections(peer))
    const host = {
      getConnections: () => this.getConnections(),
      getMaxConnections: () => this._maxConnections,
      isSpared: (connection: Connection) => this._isSpared(connection)
    }
    this._pruner = new Pruner(components, host, this._log, watermarks(init, this._maxConnections))
    const dialer = {
      isConnected: (peer: PeerId) => this.getConnections(peer).some(({ status }) => status === 'open'),
      // Not by `force`: the peer may be doing the same, and of two connections one is to be left.
      open: (peer: PeerId, signal: AbortSignal) => {
        this.clearBackoff(peer)
        return this.openConnection(peer, { signal })
      }
    }
    const log = components.logger.forComponent('libp2p:reconnect-queue')
    this._reconnects = new ReconnectQueue(components, dialer, log, reconnectLimits(init), limits.dialTimeout)
    components.metrics?.registerMetricGroup('libp2p_connection_manager_connections', {
      calculate: () => this._countByDirection()
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
        return this._admission
      }
    })
  }

  get [Symbol.toStringTag](): string {
    return '@libp2p/connection-manager'
  }

  start(): void {
    const { events } = this._components
    events.addEventListener('connection:open', this._onOpen)
    events.addEventListener('connection:close', this._onClose)
    this._pruner.start()
    this._reconnects.start()
    this._started = true
  }

  /** Dials the peers that are tagged to be kept, without waiting for them. */
  afterStart(): void {
    this._reconnects.dialTagged().catch((error: Error) => {
      this._log.error('could not read which peers to connect to - %e', error)
    })
  }

  /** Ends all dials and closes all connections, within half a second each. */
  async stop(): Promise<void> {
    this._started = false
    this._reconnects.stop()
    this._pruner.stop()
    const dialsEnded = this._dials.stop()
    const signal = AbortSignal.timeout(500)
    await Promise.all(this.getConnections().map(connection => closeOrAbort(connection, { signal })))
    await dialsEnded
    const { events } = this._components
    events.removeEventListener('connection:open', this._onOpen)
    events.removeEventListener('connection:close', this._onClose)
    this._connections.clear()
    Object.assign(this._counts, { connections: 0, inbound: 0 })
  }

  getConnections(peer?: PeerId): Connection[] {
    if (peer !== undefined) return this._connections.get(peer)?.slice() ?? []
    return [...this._connections.values()].flat()
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the contract's own type
  getConnectionsMap(): any {
    return this._connections
  }

  getMaxConnections(): number {
    return this._maxConnections
  }

  setMaxConnections(maxConnections: number): void {
    this._admission.configure({ ...this._init, maxConnections })
    this._components.resourceManager?.setMaxConnections(maxConnections)
    this._maxConnections = maxConnections
    this._pruner.check(this._counts.connections)
  }

  protect(peer: PeerId, tag: string): void {
    this._protection.protect(peer, tag)
  }

  unprotect(peer: PeerId, tag: string): boolean {
    return this._protection.unprotect(peer, tag)
  }

  isProtected(peer: PeerId, tag?: string): boolean {
    return this._protection.isProtected(peer, tag)
  }

  getDialQueue(): PendingDial[] {
    return this._dials.pending()
  }

  /** The dials of `getDialQueue()`, and what is known of their addresses. js-libp2p has no such thing. */
  getDialRecords(): DialRecord[] {
    return this._dials.records()
  }

  isDialable(multiaddr: Multiaddr | Multiaddr[], options: IsDialableOptions = {}): Promise<boolean> {
    const accept = (address: Multiaddr): boolean => options.runOnLimitedConnection !== false || !isCircuit(address)
    const addresses = (Array.isArray(multiaddr) ? multiaddr : [multiaddr]).map(multiaddrOf)
    return this._dials.isDialable(addresses, options.signal, accept)
  }

  acceptIncomingConnection(connection: MultiaddrConnection): boolean {
    return this._admission.accept(connection)
  }

  afterUpgradeInbound(connection?: MultiaddrConnection): void {
    this._admission.settle(connection)
  }

  /** How many inbound connections were refused, had to give way or were too slow, by reason, since the node was made. */
  get refused(): Readonly<Record<RefusalReason, number>> {
    return this._admission.refused
  }

  /**
   * Lets addresses that failed lately be dialed at once, without `force`: all of them, those of a peer, or one. For
   * whoever learns that the network is back, or the peer. Returns how many addresses were held back.
   */
  clearBackoff(peer?: PeerId, address?: Multiaddr): number {
    return this._dials.clearBackoff(peer, address)
  }

  /** The best connection to a peer, dialed if there is none, or if `force` is set. */
  async openConnection(target: DialTarget, options: OpenConnectionOptions = {}): Promise<Connection> {
    if (!this._started) throw new NotStartedError('dialing needs a started node')
    options.signal?.throwIfAborted()
    progress(options, 'connection:open', target)
    const address = peerAddressOf(target)
    if (address.peerId?.equals(this._components.peerId) === true) throw new InvalidPeerIdError('cannot dial self')
    const existing = options.force === true ? undefined : this._findExisting(address)
    if (existing !== undefined) progress(options, 'dial-queue:already-connected')
    const connection = existing ?? (await this._dials.dial(address, options))
    if (connection.status !== 'open')
      throw new ConnectionClosedError('the remote closed the connection as it was opened')
    // The event that stores it is on its way; a caller may ask before.
    this._store(connection)
    const best = existing ?? (options.force === true ? connection : this._bestTo(connection))
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

  private readonly _onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (!this._started) connection.abort(new AbortError('the node is stopping'))
    else if (connection.status === 'open') this._store(connection)
  }

  private readonly _onClose = ({ detail: connection }: CustomEvent<Connection>): void => {
    const peer = connection.remotePeer
    const all = this._connections.get(peer)
    // Another list: whoever goes over that of `getConnectionsMap()` and closes connections misses none.
    const left = all?.filter(other => other !== connection)
    if (all === undefined || left === undefined || left.length === all.length) return
    this._counts.connections--
    if (connection.direction === 'inbound') this._counts.inbound--
    if (left.length > 0) {
      this._connections.set(peer, left)
      return
    }
    this._connections.delete(peer)
    this._components.events.safeDispatchEvent('peer:disconnect', { detail: peer })
  }

  private _store(connection: Connection): void {
    const peer = connection.remotePeer
    const known = this._connections.get(peer)
    if (known?.includes(connection) === true) return
    if (known === undefined) this._connections.set(peer, [connection])
    else known.push(connection)
    this._counts.connections++
    if (connection.direction === 'inbound') this._counts.inbound++
    this._storeKey(peer)
    if (known === undefined) this._components.events.safeDispatchEvent('peer:connect', { detail: peer })
    this._pruner.check(this._counts.connections)
  }

  /** Only an RSA id does not hold its key. */
  private _storeKey(peer: PeerId): void {
    if (peer.type !== 'RSA' || peer.publicKey === undefined) return
    this._components.peerStore.patch(peer, { publicKey: peer.publicKey }).catch((error: Error) => {
      this._log.error('could not store the key of %p - %e', peer, error)
    })
  }

  private _findExisting({ peerId, multiaddrs }: PeerAddress): Connection | undefined {
    if (peerId === undefined) return undefined
    const open = this.getConnections(peerId).filter(({ status }) => status === 'open')
    // Whoever names the address of a connection means that one, a limited one too.
    const named = open.filter(({ remoteAddr }) => multiaddrs.some(address => sameAddress(address, remoteAddr, peerId)))
    const same = bestConnection(this._dials.kept(named))
    if (same !== undefined) return same
    const best = bestConnection(this._dials.kept(open.filter(({ limits }) => limits === undefined)))
    // The peer closes its own as soon as this node's is there: whoever asks now waits for that one.
    if (best?.direction === 'inbound' && this._dials.willKeepOwn(peerId)) return undefined
    // A relayed connection does not stand in the way of a direct one.
    return best?.direct === false && multiaddrs.some(address => !isCircuit(address)) ? undefined : best
  }

  /** The remote may have dialed too, while this side did: everyone gets the better connection. */
  private _bestTo(connection: Connection): Connection {
    const open = this.getConnections(connection.remotePeer).filter(({ status }) => status === 'open')
    return bestConnection(this._dials.kept(open)) ?? connection
  }

  private _isSpared(connection: Connection): boolean {
    return this._protection.isProtected(connection.remotePeer) || this._isAllowed(connection)
  }

  private _isAllowed({ remoteAddr }: Connection): boolean {
    const host = tryGetNetConfig(remoteAddr)?.host
    return host !== undefined && this._admission.isAllowed(host)
  }

  private _countByDirection(): Record<string, number> {
    const counts = {
      inbound: 0,
      'inbound pending': this._admission.pending,
      outbound: 0,
      'outbound pending': this._dials.pending().length
    }
    for (const { direction } of this.getConnections()) counts[direction]++
    return counts
  }
}

/** Whether two addresses of a peer are one: its id at their ends does not count. */
function sameAddress(a: Multiaddr, b: Multiaddr, peer: PeerId): boolean {
  const id = peer.toMultihash().bytes
  return encapsulatePeer(a, id).equals(encapsulatePeer(b, id))
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
