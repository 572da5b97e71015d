/** Who handles which protocol, and who wants to know of peers that speak it. */
import type {
  AbortOptions,
  ComponentLogger,
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
  private _nextTopology = 1

  constructor(components: RegistrarComponents) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:registrar')
    const { events, metrics } = components
    events.addEventListener('peer:disconnect', event => void this._onDisconnect(event.detail))
    events.addEventListener('peer:update', event => void this._onUpdate(event.detail))
    events.addEventListener('peer:identify', event => void this._onIdentify(event.detail))
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
    await this._components.peerStore.merge(this._components.peerId, { protocols: [protocol] }, options)
  }

  async unhandle(protocols: string | string[], options?: AbortOptions): Promise<void> {
    for (const protocol of Array.isArray(protocols) ? protocols : [protocols]) this._handlers.delete(protocol)
    await this._components.peerStore.patch(this._components.peerId, { protocols: this.getProtocols() }, options)
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

  private async _onIdentify({ peerId, protocols, connection }: IdentifyResult): Promise<void> {
    learnProtocols(connection, protocols)
    await this._tell(peerId, protocols, async topology => {
      if (connection.limits != null && topology.notifyOnLimitedConnection !== true) return
      if (topology.filter?.has(peerId) === true) return
      topology.filter?.add(peerId)
      await topology.onConnect?.(peerId, connection)
    })
  }

  private async _onUpdate({ peer, previous }: PeerUpdate): Promise<void> {
    const gone = (previous?.protocols ?? []).filter(protocol => !peer.protocols.includes(protocol))
    await this._tellDisconnected(peer.id, gone)
  }

  private async _onDisconnect(peerId: PeerId): Promise<void> {
    if (this._topologies.size === 0) return
    try {
      const peer = await this._components.peerStore.get(peerId)
      await this._tellDisconnected(peerId, peer.protocols)
    } catch (error) {
      // A peer that left before it was identified is in no topology.
      if ((error as Error).name !== 'NotFoundError') this._log.error('could not look up %p - %e', peerId, error)
    }
  }

  private _tellDisconnected(peerId: PeerId, protocols: readonly string[]): Promise<void> {
    return this._tell(peerId, protocols, async topology => {
      // Whoever was not told of the connection is not told of its end.
      if (topology.filter != null && !topology.filter.has(peerId)) return
      topology.filter?.remove(peerId)
      await topology.onDisconnect?.(peerId)
    })
  }

  private async _tell(
    peerId: PeerId,
    protocols: readonly string[],
    tell: (topology: Topology) => Promise<void>
  ): Promise<void> {
    for (const protocol of protocols) {
      for (const topology of this.getTopologies(protocol)) {
        try {
          await tell(topology)
        } catch (error) {
          this._log.error('a topology of %s failed for %p - %e', protocol, peerId, error)
        }
      }
    }
  }
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
