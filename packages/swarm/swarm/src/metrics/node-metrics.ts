/** What is measured of a node as a whole: its connections and streams, limits that were hit, the event loop. */
import type { Connection, Libp2pEvents, Metrics, Startable, TypedEventTarget, Upgrader } from '@libp2p/interface'
import { transportNameOf } from '@weft/dialer'
import type { ConnectionManager, TransportManager } from '@weft/interface-node'
import { eventLoopDelay } from '#environment'

/** What the measurements need of their node. */
export interface NodeMetricsComponents {
  /** Where they go. */
  metrics: Metrics
  /** Tells of connections that are closed to make room, and of peers that could not be reached again. */
  events: TypedEventTarget<Libp2pEvents>
  /** Whose connections are counted. */
  connectionManager: ConnectionManager
  /** Whose transports say what their connections are. */
  transportManager?: Pick<TransportManager, 'dialTransportForMultiaddr'> | undefined
  /** Whose channels and muxers are counted. */
  upgrader: Upgrader
  /** The accounts of the node, if it has some. */
  resourceManager?: { refusals(): ReadonlyArray<{ scope: string; resource: string; count: number }> } | undefined
}

type Counts = Record<string, number>

/**
 * Measurements that no other component makes. Registers them once; what has to be watched is between `start()` and
 * `stop()`. All else is counted when it is read, which costs as much as there are connections and streams.
 */
export class NodeMetrics implements Startable {
  private readonly _components: NodeMetricsComponents
  private readonly _delay = eventLoopDelay()
  private readonly _onPrune: (event: CustomEvent<Connection[]>) => void
  private readonly _onReconnectFailure: () => void

  constructor(components: NodeMetricsComponents) {
    this._components = components
    const { metrics } = components
    this._registerConnections(metrics)
    this._registerStreams(metrics)
    const { upgrader } = components
    metrics.registerMetric('libp2p_upgrader_connection_encrypters', {
      help: 'Secure channels that the node speaks',
      calculate: () => upgrader.getConnectionEncrypters().size
    })
    metrics.registerMetric('libp2p_upgrader_stream_multiplexers', {
      help: 'Muxers that the node speaks',
      calculate: () => upgrader.getStreamMuxers().size
    })
    const pruned = metrics.registerCounter('libp2p_connection_manager_pruned_connections_total', {
      help: 'Connections that were closed to make room'
    })
    const failures = metrics.registerCounter('libp2p_reconnect_failures_total', {
      help: 'Peers that were given up after they could not be reached again'
    })
    this._onPrune = ({ detail }) => pruned.increment(detail.length)
    this._onReconnectFailure = () => failures.increment()
    metrics.registerCounterGroup('libp2p_resource_limit_hits_total', {
      label: 'limit',
      help: 'Reservations that were refused, by kind of scope and resource',
      calculate: increments(() => this._refusals())
    })
    const delay = this._delay
    if (delay === undefined) return
    metrics.registerMetricGroup('libp2p_event_loop_delay_seconds', {
      label: 'quantile',
      help: 'How late the event loop was since it was last asked: 0.5, 0.9, 0.99, 1',
      calculate: () => delay.read()
    })
  }

  start(): void {
    this.stop()
    const { events } = this._components
    events.addEventListener('connection:prune', this._onPrune)
    events.addEventListener('peer:reconnect-failure', this._onReconnectFailure)
    this._delay?.start()
  }

  stop(): void {
    const { events } = this._components
    events.removeEventListener('connection:prune', this._onPrune)
    events.removeEventListener('peer:reconnect-failure', this._onReconnectFailure)
    this._delay?.stop()
  }

  private _registerConnections(metrics: Metrics): void {
    const by = (label: string, help: string, of: (connection: Connection) => string): void =>
      metrics.registerMetricGroup(`libp2p_connections_by_${label}`, {
        label,
        help: `Open connections, by direction and ${help}`,
        calculate: () =>
          countBy(this._components.connectionManager.getConnections(), connection => {
            return `${connection.direction} ${of(connection)}`
          })
      })
    by('transport', 'transport', ({ remoteAddr }) =>
      transportNameOf(remoteAddr, this._components.transportManager?.dialTransportForMultiaddr(remoteAddr))
    )
    by('channel', 'secure channel', ({ encryption }) => encryption ?? 'none')
    by('muxer', 'muxer', ({ multiplexer }) => multiplexer ?? 'none')
  }

  private _registerStreams(metrics: Metrics): void {
    const ofEach = (): Counts[] =>
      this._components.connectionManager
        .getConnections()
        .map(({ streams }) =>
          countBy(streams, ({ direction, protocol }) => `${direction} ${protocol === '' ? 'unnegotiated' : protocol}`)
        )
    metrics.registerMetricGroup('libp2p_protocol_streams_total', {
      label: 'protocol',
      help: 'Open streams, by direction and protocol',
      calculate: () => sum(ofEach())
    })
    metrics.registerMetricGroup('libp2p_connection_manager_protocol_streams_per_connection_90th_percentile', {
      label: 'protocol',
      help: 'Open streams of a connection that has some, by direction and protocol: the 90th percentile',
      calculate: () => percentile(ofEach(), 0.9)
    })
  }

  private _refusals(): Counts {
    const refusals = this._components.resourceManager?.refusals() ?? []
    return Object.fromEntries(refusals.map(({ scope, resource, count }) => [`${scope} ${resource}`, count]))
  }
}

function countBy<T>(list: readonly T[], keyOf: (item: T) => string): Counts {
  const counts: Counts = {}
  for (const item of list) {
    const key = keyOf(item)
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

function sum(list: readonly Counts[]): Counts {
  const sums: Counts = {}
  for (const counts of list) for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count
  return sums
}

/** Of the numbers under each key, the one that so many are below. */
function percentile(list: readonly Counts[], part: number): Counts {
  const numbers = new Map<string, number[]>()
  for (const [key, count] of list.flatMap(counts => Object.entries(counts))) {
    const known = numbers.get(key)
    if (known === undefined) numbers.set(key, [count])
    else known.push(count)
  }
  return Object.fromEntries(
    [...numbers].map(([key, all]) => [key, all.sort((a, b) => a - b)[Math.floor(all.length * part)] ?? 0])
  )
}

/** What was added to numbers that only grow, since it was last asked: so a counter is calculated. */
function increments(read: () => Counts): () => Counts {
  let last: Counts = {}
  return () => {
    const now = read()
    const added = Object.fromEntries(Object.entries(now).map(([key, value]) => [key, value - (last[key] ?? 0)]))
    last = now
    return added
  }
}
