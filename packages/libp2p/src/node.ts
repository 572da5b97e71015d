/** A libp2p node: the surface over its components. */
import type {
  AbortOptions,
  ComponentLogger,
  Connection,
  ContentRouting,
  DialOptions,
  DialProtocolOptions,
  DialTarget,
  IsDialableOptions,
  Libp2p,
  Libp2pEvents,
  Libp2pStatus,
  Logger,
  Metrics,
  NewStreamOptions,
  PeerId,
  PeerRouting,
  PeerStore,
  PendingDial,
  ServiceMap,
  Stream,
  StreamHandler,
  StreamHandlerOptions,
  StreamMiddleware,
  Topology
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { describeValue, InvalidParametersError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { type NodeInspection, nodeInspectionSymbol } from '@weft/interface-inspection'
import { type Components, NodeEvents, type OpenConnectionOptions } from '@weft/interface-node'
import { isMultiaddr, multiaddr, p2pOf } from '@weft/multiaddr'
import { isPeerId, peerIdFromString } from '@weft/peer-id'
import { checkProtocol, defaultLogger, inspectNode } from '@weft/swarm'
import { announceNewPeers } from './discovery.ts'
import type { Libp2pInit } from './options.ts'
import { findPublicKey } from './public-key.ts'
import { tellStory } from './story.ts'
import { type Identity, wire } from './wire.ts'

// Above the default of 50, so that what the user waits for is not held up by what services do.
const userDialPriority = 75

export class Libp2pNode<T extends ServiceMap = ServiceMap> extends EventEmitter<Libp2pEvents<T>> implements Libp2p<T> {
  readonly peerId: PeerId
  readonly peerStore: PeerStore
  readonly peerRouting: PeerRouting
  readonly contentRouting: ContentRouting
  declare readonly metrics?: Metrics
  readonly logger: ComponentLogger
  readonly services: T
  /** For tests and tools: not part of the contract. */
  readonly components: Components & T
  readonly getPublicKey: Libp2p['getPublicKey']
  status: Libp2pStatus = 'stopped'
  private readonly _log: Logger
  private readonly _inspection: NodeInspection
  private _startedAt: number | undefined
  private _change: Promise<void> = Promise.resolve()

  static {
    Object.defineProperty(this.prototype, nodeInspectionSymbol, {
      get(this: Libp2pNode) {
        return this._inspection
      }
    })
  }

  /** The options have been checked. Throws `InvalidParametersError` of its parts, or `UnmetServiceDependenciesError`. */
  constructor(init: Libp2pInit<T>, identity: Identity) {
    super()
    this.logger = init.logger ?? defaultLogger()
    this._log = this.logger.forComponent('libp2p')
    const events = new NodeEvents(this as EventEmitter<Libp2pEvents>, this._log)
    const { components, services } = wire(init, identity, events, this.logger)
    announceNewPeers(components)
    tellStory(components)
    this.peerId = identity.peerId
    this.peerStore = components.peerStore
    this.peerRouting = components.peerRouting
    this.contentRouting = components.contentRouting
    if (components.metrics !== undefined) this.metrics = components.metrics
    this.services = services
    this.components = components as Components & T
    this._inspection = inspectNode(components, {
      services,
      status: () => this.status,
      startedAt: () => this._startedAt
    })
    this.getPublicKey = ((peer: PeerId, options?: AbortOptions) =>
      findPublicKey(peer, components, options)) as Libp2p['getPublicKey']
  }

  /** Starts all components, then listens. If that fails, what was started is stopped again. */
  async start(): Promise<void> {
    await this._run('starting', 'stopped', async () => {
      try {
        await this.components.beforeStart?.()
        await this.components.start()
        await this.components.afterStart?.()
      } catch (error) {
        this._log.error('could not start - %e', error)
        await this._stopComponents().catch(second => this._log.error('could not stop what was started - %e', second))
        this.status = 'stopped'
        throw error
      }
      this.status = 'started'
      if (this._log.enabled) this._log('started: %p', this.peerId)
      this._startedAt = Date.now()
      this.safeDispatchEvent('start', { detail: this })
    })
  }

  /** Closes listeners, connections and components. Afterwards the node can be started again. */
  async stop(): Promise<void> {
    await this._run('stopping', 'started', async () => {
      try {
        await this._stopComponents()
      } finally {
        this.status = 'stopped'
        if (this._log.enabled) this._log('stopped: %p', this.peerId)
        this._startedAt = undefined
        this.safeDispatchEvent('stop', { detail: this })
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  getMultiaddrs(): Multiaddr[] {
    return this.components.addressManager.getAddresses()
  }

  getProtocols(): string[] {
    return this.components.registrar.getProtocols()
  }

  getConnections(peerId?: PeerId): Connection[] {
    return this.components.connectionManager.getConnections(peerId)
  }

  getDialQueue(): PendingDial[] {
    return this.components.connectionManager.getDialQueue()
  }

  getPeers(): PeerId[] {
    const peers = new Map(this.getConnections().map(({ remotePeer }) => [remotePeer.toString(), remotePeer]))
    return [...peers.values()]
  }

  dial(peer: DialTarget, options: DialOptions = {}): Promise<Connection> {
    return this.components.connectionManager.openConnection(peer, { priority: userDialPriority, ...options })
  }

  async dialProtocol(
    peer: DialTarget,
    protocols: string | string[],
    options: DialProtocolOptions = {}
  ): Promise<Stream> {
    const list = Array.isArray(protocols) ? protocols : [protocols]
    if (list.length === 0) throw new InvalidParametersError('no protocol was given')
    for (const name of list) checkProtocol(name)
    // The progress events of dials and of streams go to one function.
    const both = { priority: userDialPriority, ...options } as OpenConnectionOptions & NewStreamOptions
    return this.components.connectionManager.openStream(peer, list, both)
  }

  async hangUp(peer: PeerId | Multiaddr, options: AbortOptions = {}): Promise<void> {
    await this.components.connectionManager.closeConnections(peerOf(peer), options)
  }

  async handle(protocol: string | string[], handler: StreamHandler, options?: StreamHandlerOptions): Promise<void> {
    const names = [protocol].flat()
    // All before the first is handled.
    for (const name of names) checkProtocol(name, { given: handler })
    await Promise.all(names.map(name => this.components.registrar.handle(name, handler, options)))
  }

  async unhandle(protocols: string[] | string, options?: AbortOptions): Promise<void> {
    await Promise.all([protocols].flat().map(name => this.components.registrar.unhandle(name, options)))
  }

  register(protocol: string, topology: Topology, options?: AbortOptions): Promise<string> {
    return this.components.registrar.register(protocol, topology, options)
  }

  unregister(id: string): void {
    this.components.registrar.unregister(id)
  }

  use(protocol: string, middleware: StreamMiddleware | StreamMiddleware[]): void {
    this.components.registrar.use(protocol, [middleware].flat())
  }

  unuse(protocol: string): void {
    this.components.registrar.unuse(protocol)
  }

  isDialable(multiaddr: Multiaddr | Multiaddr[], options: IsDialableOptions = {}): Promise<boolean> {
    return this.components.connectionManager.isDialable(multiaddr, options)
  }

  protected override onListenerError(error: unknown, type: string): void {
    this._log.error('a listener of %s threw - %e', type, error)
  }

  /** One change at a time: a call that comes during another waits for it, and does nothing if that did it already. */
  private _run(during: Libp2pStatus, from: Libp2pStatus, change: () => Promise<void>): Promise<void> {
    if (this.status === during) return this._change
    const before = this._change.catch(() => {})
    const run = async (): Promise<void> => {
      if (this.status !== from) return
      this.status = during
      await change()
    }
    // At once if nothing is under way, so that the status shows it in the same turn.
    this._change = this.status === from ? run() : before.then(run)
    return this._change
  }

  private async _stopComponents(): Promise<void> {
    const phases = ['beforeStop', 'stop', 'afterStop'] as const
    const errors: unknown[] = []
    for (const phase of phases) {
      try {
        await this.components[phase]?.()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}

/** The peer that is meant by its id, or by an address that ends in it, as a multiaddr or as text. */
function peerOf(target: PeerId | Multiaddr): PeerId {
  if (isPeerId(target)) return target
  const address = typeof target === 'string' ? multiaddr(target) : target
  if (!isMultiaddr(address)) {
    throw new InvalidParametersError(`a peer id or a multiaddr is needed, not ${describeValue(target, false)}`)
  }
  const peer = p2pOf(address)
  if (peer === undefined) throw new InvalidParametersError(`${address.toString()} names no peer`)
  return peerIdFromString(peer)
}
