import { environment } from '#environment'
import type { AddressSorter, MultiaddrResolver } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { type Cidr, parseCidr } from '@weft/multiaddr'
import type { AdmissionLimits } from '../core/admission/limits.ts'
import type { Watermarks } from '../core/pruning/watermarks.ts'
import type { ReconnectLimits } from '../core/reconnect/schedule.ts'

/** Options of the connection manager, with js-libp2p's names and defaults unless it is said otherwise. */
export interface ConnectionManagerInit {
  /**
   * Connections in all. Inbound ones past it are refused; outbound ones lead to pruning. Where it is given, inbound ones
   * may be as many, and so may those of one address and of one peer, unless options say otherwise.
   * @default 1024, in browsers 128; js-libp2p has 300 and 100
   */
  maxConnections?: number
  /** Inbound connections. @default 768, in browsers 96; with `maxConnections` the same as that */
  maxInboundConnections?: number
  /** Connections of one peer, at which its next inbound one is refused. @default 4 */
  maxConnectionsPerPeer?: number
  /** Inbound connections of one IPv4 address or IPv6 /56. @default 8 */
  maxConnectionsPerAddress?: number
  /** Inbound connections of one IPv6 /48. @default 64 */
  maxConnectionsPerNetwork?: number
  /**
   * Past `highWater` connections, the least wanted are closed until `lowWater` are left; both or neither are given.
   * @default none
   */
  highWater?: number
  /** What is left of them. */
  lowWater?: number
  /** Milliseconds in which a new connection is not closed for the watermarks. @default 60000 */
  gracePeriod?: number
  /** Milliseconds between two prunings for the watermarks. @default 10000 */
  silencePeriod?: number
  /**
   * How often a lost peer that is tagged `keep-alive` is dialed again, after the first attempt. Then it loses the tag.
   * `Infinity` is allowed.
   * @default 5
   */
  reconnectRetries?: number
  /** Milliseconds before the first of these; they vary by a quarter. @default 1000 */
  reconnectRetryInterval?: number
  /** What the delay is multiplied by for each further one, up to 30 s. @default 2 */
  reconnectBackoffFactor?: number
  /** Lost peers that are dialed at a time. @default 5 */
  maxParallelReconnects?: number
  /**
   * Dials to different peers at once. Attempts that open a socket are 160 at once, or this if it is given and more; to
   * one peer they are 8 at once. @default 100
   */
  maxParallelDials?: number
  /** Dials that wait for their turn; one more is refused. @default 500 */
  maxDialQueueLength?: number
  /** Addresses tried in one dial; the rest is left out. js-libp2p has 25. @default 100 */
  maxPeerAddrsToDial?: number
  /** Milliseconds for a dial of a caller that gives no signal. @default 10000 */
  dialTimeout?: number
  /** Milliseconds for one address. @default 6000 */
  addressDialTimeout?: number
  /** Milliseconds in which a connection must have closed. @default 1000 */
  connectionCloseTimeout?: number
  /** Milliseconds for the whole of an inbound handshake. @default 10000 */
  inboundUpgradeTimeout?: number
  /**
   * Bytes that an inbound handshake must bring for each second in which the node waits for it, after the first three
   * seconds; 0 for none. js-libp2p has no such limit.
   * @default 64
   */
  inboundUpgradeMinRate?: number
  /** Milliseconds for the protocol of a stream of the remote. @default 10000 */
  inboundStreamProtocolNegotiationTimeout?: number
  /** Milliseconds for the protocol of a stream of this side. @default 10000 */
  outboundStreamProtocolNegotiationTimeout?: number
  /**
   * Inbound connections of one IPv4 address or IPv6 /56 in a second, over time. js-libp2p has 5. Where it is given it
   * holds for loopback too, as js-libp2p's does, unless `exempt` is given.
   * @default 1
   */
  inboundConnectionThreshold?: number
  /** How many of those may come at once. @default 16; with `inboundConnectionThreshold` the same as that */
  inboundConnectionBurst?: number
  /** Inbound handshakes under way. js-libp2p has 10. @default 256 */
  maxIncomingPendingConnections?: number
  /**
   * Inbound handshakes under way of one IPv4 address or IPv6 /56.
   * @default 3; with `maxIncomingPendingConnections` the same as that
   */
  maxIncomingPendingPerAddress?: number
  /**
   * The order in which addresses start. Private, public and relayed ones each have a stagger of their own.
   * @default transports with fewer round trips first, IPv6 before IPv4
   */
  addressSorter?: AddressSorter
  /** How addresses become others before they are dialed: the first that can resolve an address does. */
  resolvers?: Record<string, MultiaddrResolver>
  /** Address blocks (`/ip4/10.0.0.0/ipcidr/8`, `10.0.0.0/8`) that no inbound limit holds back. */
  allow?: string[]
  /** Address blocks from which nothing is accepted. It comes before `allow`. */
  deny?: string[]
  /**
   * Address blocks for which the limits of one address, one network and one peer do not hold; those of the whole node do.
   * @default ['127.0.0.0/8', '::1/128']
   */
  exempt?: string[]
}

/** The options that always have a value. */
export type ConnectionLimits = Required<
  Pick<
    ConnectionManagerInit,
    'maxParallelDials' | 'maxDialQueueLength' | 'maxPeerAddrsToDial' | 'dialTimeout' | 'addressDialTimeout'
  >
>

const defaultConnectionLimits: ConnectionLimits = {
  maxParallelDials: 100,
  maxDialQueueLength: 500,
  maxPeerAddrsToDial: 100,
  dialTimeout: 10_000,
  addressDialTimeout: 6_000
}

/** Fills in the defaults. Throws `InvalidParametersError`, which names the option. */
export function connectionLimits(init: ConnectionManagerInit): ConnectionLimits {
  const limits = { ...defaultConnectionLimits }
  for (const name of Object.keys(limits) as Array<keyof ConnectionLimits>) {
    limits[name] = numberOf(init, name, name === 'maxDialQueueLength' ? 0 : 1, limits[name])
  }
  return limits
}

/** What inbound connections are held to: an option of js-libp2p that is given is not undercut by a default of another. */
export function admissionLimits(init: ConnectionManagerInit): AdmissionLimits {
  const maxConnections = numberOf(init, 'maxConnections', 1, environment.maxConnections)
  const maxPending = numberOf(init, 'maxIncomingPendingConnections', 0, 256)
  const rate = numberOf(init, 'inboundConnectionThreshold', 0, 1)
  const atLeast = init.maxConnections === undefined ? 0 : maxConnections
  const unlessGiven = (name: keyof ConnectionManagerInit, own: number, ruled: number): number =>
    init[name] === undefined ? own : ruled
  return {
    maxConnections,
    maxInbound: numberOf(
      init,
      'maxInboundConnections',
      0,
      unlessGiven('maxConnections', environment.maxInboundConnections, maxConnections)
    ),
    maxPending,
    maxPendingPerAddress: numberOf(
      init,
      'maxIncomingPendingPerAddress',
      0,
      unlessGiven('maxIncomingPendingConnections', 3, maxPending)
    ),
    maxPerAddress: numberOf(init, 'maxConnectionsPerAddress', 0, Math.max(8, atLeast)),
    maxPerNetwork: numberOf(init, 'maxConnectionsPerNetwork', 0, Math.max(64, atLeast)),
    maxPerPeer: numberOf(init, 'maxConnectionsPerPeer', 1, Math.max(4, atLeast)),
    rate,
    burst: numberOf(init, 'inboundConnectionBurst', 0, unlessGiven('inboundConnectionThreshold', 16, rate)),
    minHandshakeRate: numberOf(init, 'inboundUpgradeMinRate', 0, 64)
  }
}

/** The watermarks, if there are any. */
export function watermarks(init: ConnectionManagerInit, maxConnections: number): Watermarks | undefined {
  const marks = {
    low: numberOf(init, 'lowWater', 0, Number.NaN),
    high: numberOf(init, 'highWater', 0, Number.NaN),
    gracePeriod: numberOf(init, 'gracePeriod', 0, 60_000),
    silencePeriod: numberOf(init, 'silencePeriod', 0, 10_000)
  }
  if (init.lowWater === undefined && init.highWater === undefined) return undefined
  if (marks.low <= marks.high && marks.high <= maxConnections) return marks
  const option = 'connectionManager.highWater'
  throw new InvalidParametersError(
    `${option} must be at least lowWater and at most maxConnections, ${maxConnections}`,
    {
      facts: { option }
    }
  )
}

/** How lost peers are dialed again. */
export function reconnectLimits(init: ConnectionManagerInit): ReconnectLimits {
  return {
    retries: numberOf(init, 'reconnectRetries', 0, 5),
    interval: numberOf(init, 'reconnectRetryInterval', 0, 1000),
    factor: numberOf(init, 'reconnectBackoffFactor', 0, 2),
    maxParallel: numberOf(init, 'maxParallelReconnects', 1, 5)
  }
}

/** The address blocks of an option. Throws `InvalidParametersError`, which names it. */
export function addressBlocks(
  name: 'allow' | 'deny' | 'exempt',
  init: ConnectionManagerInit,
  byDefault: readonly string[] = []
): Cidr[] {
  return (init[name] ?? byDefault).map((block, i) => {
    try {
      return parseCidr(block)
    } catch (cause) {
      const option = `connectionManager.${name}[${i}]`
      throw new InvalidParametersError(`${option}: ${(cause as Error).message}`, { cause, facts: { option } })
    }
  })
}

function numberOf(
  init: ConnectionManagerInit,
  name: keyof ConnectionManagerInit,
  minimum: number,
  byDefault: number
): number {
  const value: unknown = init[name]
  if (value === undefined) return byDefault
  if (typeof value === 'number' && value >= minimum) return value
  const option = `connectionManager.${name}`
  throw new InvalidParametersError(`${option} must be a number of ${minimum} or more`, { facts: { option, value } })
}
