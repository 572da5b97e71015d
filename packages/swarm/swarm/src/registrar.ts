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
import { DuplicateProtocolHandlerError, UnhandledProtocolError } from './connection-errors.ts'
import type { HandlerOptions, Registrar } from './contracts.ts'
import { learnProtocols } from './learn-protocols.ts'

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
  readonly #components: RegistrarComponents
  readonly #log: Logger
  readonly #handlers = new Map<string, StreamHandlerRecord>()
  readonly #topologies = new Map<string, Map<string, Topology>>()
  readonly #middleware = new Map<string, StreamMiddleware[]>()
  #nextTopology = 1

  constructor(components: RegistrarComponents) {
    this.#components = components
    this.#log = components.logger.forComponent('libp2p:registrar')
    const { events, metrics } = components
    events.addEventListener('peer:disconnect', event => void this.#onDisconnect(event.detail))
    events.addEventListener('peer:update', event => void this.#onUpdate(event.detail))
    events.addEventListener('peer:identify', event => void this.#onIdentify(event.detail))
    metrics?.registerMetricGroup('libp2p_registrar_topologies', {
      calculate: () =>
        Object.fromEntries([...this.#topologies].map(([protocol, topologies]) => [protocol, topologies.size]))
    })
    metrics?.registerMetric('libp2p_registrar_protocol_handlers', { calculate: () => this.#handlers.size })
  }

  get [Symbol.toStringTag](): string {
    return '@libp2p/registrar'
  }

  getProtocols(): string[] {
    return [...this.#handlers.keys()].sort()
  }

  getHandler(protocol: string): StreamHandlerRecord {
    const record = this.#handlers.get(protocol)
    if (record === undefined) throw new UnhandledProtocolError(protocol)
    return record
  }

  /** The handler of a protocol, or `undefined`: without the cost of an error. */
  findHandler(protocol: string): StreamHandlerRecord | undefined {
    return this.#handlers.get(protocol)
  }

  /** Handles a protocol. Throws `DuplicateProtocolHandlerError` if something does already, unless `force` is set. */
  async handle(protocol: string, handler: StreamHandler, options?: HandlerOptions): Promise<void> {
    if (this.#handlers.has(protocol) && options?.force !== true) throw new DuplicateProtocolHandlerError(protocol)
    this.#handlers.set(protocol, {
      handler,
      options: {
        maxInboundStreams: defaultMaxInboundStreams,
        maxOutboundStreams: defaultMaxOutboundStreams,
        ...options
      }
    })
    await this.#components.peerStore.merge(this.#components.peerId, { protocols: [protocol] }, options)
  }

  async unhandle(protocols: string | string[], options?: AbortOptions): Promise<void> {
    for (const protocol of Array.isArray(protocols) ? protocols : [protocols]) this.#handlers.delete(protocol)
    await this.#components.peerStore.patch(this.#components.peerId, { protocols: this.getProtocols() }, options)
  }

  /** Tells `topology` of peers that speak `protocol`. Returns the id for `unregister()`. */
  async register(protocol: string, topology: Topology): Promise<string> {
    if (topology == null) throw new InvalidParametersError(`register(${protocol}) needs a topology`)
    const id = `topology-${this.#nextTopology++}`
    const topologies = this.#topologies.get(protocol) ?? new Map<string, Topology>()
    this.#topologies.set(protocol, topologies.set(id, topology))
    return id
  }

  unregister(id: string): void {
    for (const [protocol, topologies] of this.#topologies) {
      if (topologies.delete(id) && topologies.size === 0) this.#topologies.delete(protocol)
    }
  }

  getTopologies(protocol: string): Topology[] {
    return [...(this.#topologies.get(protocol)?.values() ?? [])]
  }

  use(protocol: string, middleware: StreamMiddleware[]): void {
    this.#middleware.set(protocol, middleware)
  }

  unuse(protocol: string): void {
    this.#middleware.delete(protocol)
  }

  getMiddleware(protocol: string): StreamMiddleware[] {
    return this.#middleware.get(protocol) ?? []
  }

  async #onIdentify({ peerId, protocols, connection }: IdentifyResult): Promise<void> {
    learnProtocols(connection, protocols)
    await this.#tell(peerId, protocols, async topology => {
      if (connection.limits != null && topology.notifyOnLimitedConnection !== true) return
      if (topology.filter?.has(peerId) === true) return
      topology.filter?.add(peerId)
      await topology.onConnect?.(peerId, connection)
    })
  }

  async #onUpdate({ peer, previous }: PeerUpdate): Promise<void> {
    const gone = (previous?.protocols ?? []).filter(protocol => !peer.protocols.includes(protocol))
    await this.#tellDisconnected(peer.id, gone)
  }

  async #onDisconnect(peerId: PeerId): Promise<void> {
    if (this.#topologies.size === 0) return
    try {
      const peer = await this.#components.peerStore.get(peerId)
      await this.#tellDisconnected(peerId, peer.protocols)
    } catch (error) {
      // A peer that left before it was identified is in no topology.
      if ((error as Error).name !== 'NotFoundError') this.#log.error('could not look up %p - %e', peerId, error)
    }
  }

  #tellDisconnected(peerId: PeerId, protocols: readonly string[]): Promise<void> {
    return this.#tell(peerId, protocols, async topology => {
      // Whoever was not told of the connection is not told of its end.
      if (topology.filter != null && !topology.filter.has(peerId)) return
      topology.filter?.remove(peerId)
      await topology.onDisconnect?.(peerId)
    })
  }

  async #tell(
    peerId: PeerId,
    protocols: readonly string[],
    tell: (topology: Topology) => Promise<void>
  ): Promise<void> {
    for (const protocol of protocols) {
      for (const topology of this.getTopologies(protocol)) {
        try {
          await tell(topology)
        } catch (error) {
          this.#log.error('a topology of %s failed for %p - %e', protocol, peerId, error)
        }
      }
    }
  }
}

/** The handler of a protocol, or `undefined`, whoever made the registrar. */
export function findHandler(registrar: Registrar, protocol: string): StreamHandlerRecord | undefined {
  if (registrar instanceof DefaultRegistrar) return registrar.findHandler(protocol)
  return registrar.getProtocols().includes(protocol) ? registrar.getHandler(protocol) : undefined
}

/** The service that handles a protocol; empty where none does. */
export function serviceOf(registrar: Registrar, protocol: string): string {
  const options: HandlerOptions | undefined = findHandler(registrar, protocol)?.options
  return options?.service ?? ''
}
