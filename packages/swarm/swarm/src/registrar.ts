/** Who handles which protocol, and who wants to know of peers that speak it. */
import type {
  AbortOptions,
  ComponentLogger,
  Connection,
  IdentifyResult,
  Libp2pEvents,
  Logger,
  Metrics,
  PeerId,
  PeerStore,
  PeerUpdate,
  StreamHandler,
  StreamHandlerRecord,
  StreamMiddleware,
  Topology,
  TypedEventTarget
} from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import type { HandlerOptions, Registrar } from '@weft/interface-node'
import { learnProtocols } from '@weft/interface-node'
import { checkProtocol } from './check-protocol.ts'
import { DuplicateProtocolHandlerError, UnhandledProtocolError } from './connection-errors.ts'

/** Inbound streams of one protocol and connection, unless its handler says otherwise. */
export const defaultMaxInboundStreams: number = 32
/** Outbound streams of one protocol and connection, unless its handler says otherwise. */
export const defaultMaxOutboundStreams: number = 64

/** What the registrar needs of its node. */
export interface RegistrarComponents {
  peerId: PeerId
  peerStore: PeerStore
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
}

export class DefaultRegistrar implements Registrar {
  private readonly _components: RegistrarComponents
  private readonly _log: Logger
  private readonly _handlers = new Map<string, StreamHandlerRecord>()
  private readonly _topologies = new Map<string, Map<string, Topology>>()
  private readonly _middleware = new Map<string, StreamMiddleware[]>()
  /** By peer, who was told that it is connected: the peer store may have forgotten the peer when it leaves. */
  private readonly _told = new Map<string, Map<string, Told>>()
  private _nextTopology = 1

  constructor(components: RegistrarComponents) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:registrar')
    const { events, metrics } = components
    events.addEventListener('peer:disconnect', event => this._tellDisconnected(event.detail, () => true))
    events.addEventListener('peer:update', event => this._onUpdate(event.detail))
    events.addEventListener('peer:identify', event => this._onIdentify(event.detail))
    metrics?.registerMetricGroup('libp2p_registrar_topologies', {
      calculate: () =>
        Object.fromEntries([...this._topologies].map(([protocol, topologies]) => [protocol, topologies.size]))
    })
    metrics?.registerMetric('libp2p_registrar_protocol_handlers', { calculate: () => this._handlers.size })
  }

  get [Symbol.toStringTag](): string {
    return '@libp2p/registrar'
  }

  getProtocols(): string[] {
    return [...this._handlers.keys()].sort()
  }

  getHandler(protocol: string): StreamHandlerRecord {
    const record = this._handlers.get(protocol)
    if (record === undefined) throw new UnhandledProtocolError(protocol)
    return record
  }

  /** The handler of a protocol, or `undefined`: without the cost of an error. */
  findHandler(protocol: string): StreamHandlerRecord | undefined {
    return this._handlers.get(protocol)
  }

  /**
   * Handles a protocol. Throws `DuplicateProtocolHandlerError` if something does already, unless `force` is set, and
   * `InvalidParametersError` for what is no name of a protocol or no function.
   */
  async handle(protocol: string, handler: StreamHandler, options?: HandlerOptions): Promise<void> {
    checkProtocol(protocol, { given: handler })
    if (this._handlers.has(protocol) && options?.force !== true) throw new DuplicateProtocolHandlerError(protocol)
    this._handlers.set(protocol, {
      handler,
      options: {
        maxInboundStreams: defaultMaxInboundStreams,
        maxOutboundStreams: defaultMaxOutboundStreams,
        ...options
      }
    })
    const { peerStore, peerId } = this._components
    await this._store(peerStore.merge(peerId, { protocols: [protocol] }, options), options)
  }

  async unhandle(protocols: string | string[], options?: AbortOptions): Promise<void> {
    for (const protocol of Array.isArray(protocols) ? protocols : [protocols]) this._handlers.delete(protocol)
    const { peerStore, peerId } = this._components
    await this._store(peerStore.patch(peerId, { protocols: this.getProtocols() }, options), options)
  }

  /** Tells `topology` of peers that speak `protocol`. Returns the id for `unregister()`. */
  async register(protocol: string, topology: Topology): Promise<string> {
    if (topology == null) throw new InvalidParametersError(`register(${protocol}) needs a topology`)
    const id = `topology-${this._nextTopology++}`
    const topologies = this._topologies.get(protocol) ?? new Map<string, Topology>()
    this._topologies.set(protocol, topologies.set(id, topology))
    return id
  }

  unregister(id: string): void {
    for (const [protocol, topologies] of this._topologies) {
      if (topologies.delete(id) && topologies.size === 0) this._topologies.delete(protocol)
    }
    for (const [key, told] of this._told) if (told.delete(id) && told.size === 0) this._told.delete(key)
  }

  getTopologies(protocol: string): Topology[] {
    return [...(this._topologies.get(protocol)?.values() ?? [])]
  }

  use(protocol: string, middleware: StreamMiddleware[]): void {
    this._middleware.set(protocol, middleware)
  }

  unuse(protocol: string): void {
    this._middleware.delete(protocol)
  }

  getMiddleware(protocol: string): StreamMiddleware[] {
    return this._middleware.get(protocol) ?? []
  }

  private _onIdentify({ peerId, protocols, connection }: IdentifyResult): void {
    learnProtocols(connection, protocols)
    const known = this._told.get(peerId.toString())
    if (known !== undefined && protocols.length > 0) {
      this._tellDisconnected(peerId, protocol => !protocols.includes(protocol))
    }
    // Whoever is identified late is not told of as connected.
    if (connection.status === 'closed' || connection.status === 'aborted') return
    for (const protocol of protocols) {
      for (const [id, topology] of this._topologies.get(protocol) ?? []) {
        this._tellConnected(id, protocol, topology, connection)
      }
    }
  }

  private _tellConnected(id: string, protocol: string, topology: Topology, connection: Connection): void {
    const { remotePeer } = connection
    if (connection.limits != null && topology.notifyOnLimitedConnection !== true) return
    const key = remotePeer.toString()
    const told = this._told.get(key) ?? new Map<string, Told>()
    // A push tells again what identify has told.
    if (told.get(id)?.connection === connection || topology.filter?.has(remotePeer) === true) return
    topology.filter?.add(remotePeer)
    this._told.set(key, told.set(id, { protocol, topology, connection }))
    this._tell(protocol, remotePeer, () => topology.onConnect?.(remotePeer, connection))
  }

  private _onUpdate({ peer }: PeerUpdate): void {
    this._tellDisconnected(peer.id, protocol => !peer.protocols.includes(protocol))
  }

  /** Tells those topologies that were told of the connection, and no others, of its end. */
  private _tellDisconnected(peerId: PeerId, isGone: (protocol: string) => boolean): void {
    const key = peerId.toString()
    const told = this._told.get(key)
    if (told === undefined) return
    for (const [id, { protocol, topology }] of told) {
      if (!isGone(protocol)) continue
      told.delete(id)
      if (topology.filter != null && !topology.filter.has(peerId)) continue
      topology.filter?.remove(peerId)
      this._tell(protocol, peerId, () => topology.onDisconnect?.(peerId))
    }
    if (told.size === 0) this._told.delete(key)
  }

  /** Each on its own: one that waits, throws or rejects holds up no other. */
  private _tell(protocol: string, peerId: PeerId, call: () => unknown): void {
    const failed = (error: unknown): void => {
      this._log.error('a topology of %s failed for %p - %e', protocol, peerId, error)
    }
    try {
      Promise.resolve(call()).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  /** What is handled works without it being written down: a datastore that is full or closed stops nobody. */
  private async _store(write: Promise<unknown>, options: AbortOptions | undefined): Promise<void> {
    try {
      await write
    } catch (error) {
      if (options?.signal?.aborted === true) throw error
      this._log.error('the protocols of this node could not be stored - %e', error)
      this._components.events.safeDispatchEvent('peer-store:error' as never, { detail: error } as never)
    }
  }
}

interface Told {
  readonly protocol: string
  readonly topology: Topology
  readonly connection: Connection
}

/** The handler of a protocol, or `undefined`, whoever made the registrar. */
export function findHandler(registrar: Registrar, protocol: string): StreamHandlerRecord | undefined {
  const own = registrar as Partial<Pick<DefaultRegistrar, 'findHandler'>>
  if (typeof own.findHandler === 'function') return own.findHandler(protocol)
  return registrar.getProtocols().includes(protocol) ? registrar.getHandler(protocol) : undefined
}

/** The service that handles a protocol; empty where none does. */
export function serviceOf(registrar: Registrar, protocol: string): string {
  const options: HandlerOptions | undefined = findHandler(registrar, protocol)?.options
  return options?.service ?? ''
}
