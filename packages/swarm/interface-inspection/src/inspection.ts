import type { AbortOptions } from '@libp2p/interface'
import type { ConnectionView, DialView, IdentityView, LimitRow, OwnAddressView, PeerView, StreamView } from './views.ts'

/** Something that happened in a node. */
export interface InspectionEvent {
  /** Since 1970, ms. */
  readonly at: number
  /** The name of the node's event, such as `peer:connect`; `lost` where a slow reader missed some. */
  readonly kind: string
  /** The peer that it is about. */
  readonly peer?: string
  /** The id of the connection that it is about. */
  readonly connection?: string
  /** The connection's remote address. */
  readonly address?: string
  /** Of `lost`: how many. */
  readonly count?: number
}

/** How events are watched. */
export interface WatchOptions extends AbortOptions {
  /** Events that wait for a slow reader; past it the oldest are dropped and counted. @default 1000 */
  buffer?: number
}

/**
 * What a running node tells of itself. Read-only: nothing here changes the node. Every answer is a copy, and bounded: texts
 * that remotes have sent are cut, long lists end in a note of what was left out.
 */
export interface NodeInspection {
  /** The node itself. */
  identity(): IdentityView
  /** Own addresses, with the reason for each. */
  addresses(): OwnAddressView[]
  /** Every peer of the peer store. */
  peers(options?: AbortOptions): AsyncIterable<PeerView>
  /** Open connections. */
  connections(options?: AbortOptions): AsyncIterable<ConnectionView>
  /** Streams of all connections, or of the one with that id. */
  streams(connection?: string): StreamView[]
  /** Dials that wait or run. */
  dials(): DialView[]
  /** Limits with what is held, and what was refused. Empty where the node keeps no accounts. */
  limits(): LimitRow[]
  /** What services tell of themselves, such as reservations, a routing table or queries, by the name of the service. */
  sections(options?: AbortOptions): Promise<Record<string, unknown>>
  /** Events as they happen, until the signal fires or the caller leaves. Before the first read nothing is missed. */
  watch(options?: WatchOptions): AsyncIterable<InspectionEvent>
}

/** Under this symbol a node has its `NodeInspection`. */
export const nodeInspectionSymbol: unique symbol = Symbol.for('@weft/node-inspection') as never

/**
 * Under this symbol a service has a function that gives its section of the inspection: plain data, which JSON can carry,
 * made anew for each call.
 */
export const inspectSymbol: unique symbol = Symbol.for('@weft/inspect') as never

/** A service that tells of itself. */
export interface Inspectable {
  readonly [inspectSymbol]: (options?: AbortOptions) => unknown
}

/** The inspection of a node, or undefined where it has none, as nodes of other implementations. */
export function inspectionOf(node: object): NodeInspection | undefined {
  return (node as { [nodeInspectionSymbol]?: NodeInspection })[nodeInspectionSymbol]
}

/** Whether a service tells of itself. */
export function isInspectable(service: unknown): service is Inspectable {
  return (
    typeof service === 'object' &&
    service !== null &&
    typeof (service as Partial<Inspectable>)[inspectSymbol] === 'function'
  )
}
