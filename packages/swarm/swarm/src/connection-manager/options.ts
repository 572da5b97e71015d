import type { AddressSorter, MultiaddrResolver } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'

/** Options of the connection manager, with js-libp2p's names and defaults unless it is said otherwise. */
export interface ConnectionManagerInit {
  /** Connections in all. Inbound ones past it are refused; outbound ones lead to pruning. @default 300 */
  maxConnections?: number
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
  /** Milliseconds for the protocol of a stream of the remote. @default 10000 */
  inboundStreamProtocolNegotiationTimeout?: number
  /** Milliseconds for the protocol of a stream of this side. @default 10000 */
  outboundStreamProtocolNegotiationTimeout?: number
  /** Inbound connections of one address in a second. Without the option, loopback is exempt. @default 5 */
  inboundConnectionThreshold?: number
  /** Inbound handshakes under way. @default 256 */
  maxIncomingPendingConnections?: number
  /**
   * The order in which addresses start. Private, public and relayed ones each have a stagger of their own.
   * @default transports with fewer round trips first, IPv6 before IPv4
   */
  addressSorter?: AddressSorter
  /** How addresses become others before they are dialed: the first that can resolve an address does. */
  resolvers?: Record<string, MultiaddrResolver>
  /** Address blocks (`/ip4/10.0.0.0/ipcidr/8`, `10.0.0.0/8`) that no inbound limit holds back. */
  allow?: string[]
  /** Address blocks from which nothing is accepted. */
  deny?: string[]
}

/** The options that always have a value. */
export type ConnectionLimits = Required<
  Pick<
    ConnectionManagerInit,
    | 'maxConnections'
    | 'maxParallelDials'
    | 'maxDialQueueLength'
    | 'maxPeerAddrsToDial'
    | 'dialTimeout'
    | 'addressDialTimeout'
    | 'inboundConnectionThreshold'
    | 'maxIncomingPendingConnections'
  >
>

const defaultConnectionLimits: ConnectionLimits = {
  maxConnections: 300,
  maxParallelDials: 100,
  maxDialQueueLength: 500,
  maxPeerAddrsToDial: 100,
  dialTimeout: 10_000,
  addressDialTimeout: 6_000,
  inboundConnectionThreshold: 5,
  // A handshake holds a few kilobytes for at most its timeout.
  maxIncomingPendingConnections: 256
}

/** Fills in the defaults. Throws `InvalidParametersError`, which names the option. */
export function connectionLimits(init: ConnectionManagerInit): ConnectionLimits {
  const limits = { ...defaultConnectionLimits }
  for (const name of Object.keys(limits) as Array<keyof ConnectionLimits>) {
    const value = init[name]
    if (value === undefined) continue
    if (typeof value !== 'number' || !(value >= minimumOf(name))) {
      throw new InvalidParametersError(
        `connectionManager.${name} must be a number of ${minimumOf(name)} or more, not ${value}`
      )
    }
    limits[name] = value
  }
  return limits
}

function minimumOf(name: keyof ConnectionLimits): number {
  return name === 'inboundConnectionThreshold' ||
    name === 'maxIncomingPendingConnections' ||
    name === 'maxDialQueueLength'
    ? 0
    : 1
}
