import { connectionOption } from '@weft/dialer'
import { InvalidParametersError } from '@weft/errors'
import { type Cidr, parseCidr } from '@weft/multiaddr'
import { environment } from '#environment'
import type { AdmissionLimits } from '../core/admission/limits.ts'

/** Options of the admission of inbound connections: a part of those of the connection manager. */
export interface AdmissionInit {
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
  /** Milliseconds for the whole of an inbound handshake. @default 10000 */
  inboundUpgradeTimeout?: number
  /**
   * Bytes that an inbound handshake must bring for each second in which the node waits for it, after the first three
   * seconds; 0 for none. js-libp2p has no such limit.
   * @default 64
   */
  inboundUpgradeMinRate?: number
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

/** What inbound connections are held to: an option of js-libp2p that is given is not undercut by a default of another. */
export function admissionLimits(init: AdmissionInit): AdmissionLimits {
  const maxConnections = connectionOption(init, 'maxConnections', 1, environment.maxConnections)
  const maxPending = connectionOption(init, 'maxIncomingPendingConnections', 0, 256)
  const rate = connectionOption(init, 'inboundConnectionThreshold', 0, 1)
  const atLeast = init.maxConnections === undefined ? 0 : maxConnections
  const unlessGiven = (name: keyof AdmissionInit, own: number, ruled: number): number =>
    init[name] === undefined ? own : ruled
  return {
    maxConnections,
    maxInbound: connectionOption(
      init,
      'maxInboundConnections',
      0,
      unlessGiven('maxConnections', environment.maxInboundConnections, maxConnections)
    ),
    maxPending,
    maxPendingPerAddress: connectionOption(
      init,
      'maxIncomingPendingPerAddress',
      0,
      unlessGiven('maxIncomingPendingConnections', 3, maxPending)
    ),
    maxPerAddress: connectionOption(init, 'maxConnectionsPerAddress', 0, Math.max(8, atLeast)),
    maxPerNetwork: connectionOption(init, 'maxConnectionsPerNetwork', 0, Math.max(64, atLeast)),
    maxPerPeer: connectionOption(init, 'maxConnectionsPerPeer', 1, Math.max(4, atLeast)),
    rate,
    burst: connectionOption(init, 'inboundConnectionBurst', 0, unlessGiven('inboundConnectionThreshold', 16, rate)),
    minHandshakeRate: connectionOption(init, 'inboundUpgradeMinRate', 0, 64)
  }
}

/** The address blocks of an option. Throws `InvalidParametersError`, which names it. */
export function addressBlocks(
  name: 'allow' | 'deny' | 'exempt',
  init: AdmissionInit,
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
