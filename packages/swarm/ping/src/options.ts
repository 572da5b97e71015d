import type { DialProtocolOptions, DialTarget } from '@libp2p/interface'
import { delay, type OptionTable, text } from '@weft/errors'
import {
  type ConnectionOpener,
  type ServiceComponents,
  type StreamLimits,
  streamLimitOptions,
  streamLimits,
  type StreamLimitsInit
} from '@weft/interface-protocol'

/** The protocol name without other options. */
export const PING_PROTOCOL = '/ipfs/ping/1.0.0'

/** The service. */
export interface Ping {
  /**
   * Milliseconds that 32 bytes to the peer and back take. Rejects with `TimeoutError` if the answer takes longer than
   * `timeout`, with `ProtocolError` if it is another one, with the signal's reason, or with what broke the stream.
   */
  ping(peer: DialTarget, options?: DialProtocolOptions): Promise<number>
}

/** Options of `ping()`, with the names of js-libp2p's. */
export interface PingInit extends StreamLimitsInit {
  /** First part of the protocol name. @default 'ipfs' */
  protocolPrefix?: string
  /** Streams that a peer may ping on at once. Two, because one that closes can be seen later than its successor. @default 2 */
  maxInboundStreams?: number
  /** Streams to a peer at once; the specification allows one. @default 1 */
  maxOutboundStreams?: number
  /** Whether limited (relayed) connections are pinged and may ping. @default true */
  runOnLimitedConnection?: boolean
  /** Milliseconds that an answer may take, and that an inbound stream may be silent. @default 10000 */
  timeout?: number
}

/** What the service needs of a node. */
export interface PingComponents extends ServiceComponents {
  /** Gives the connection that is pinged. */
  connectionManager: ConnectionOpener
}

/** Options that have been checked. */
export interface Settings {
  readonly protocol: string
  readonly limits: StreamLimits
  readonly timeout: number
}

/** What the options of `ping()` may be. */
export const pingOptions: OptionTable<PingInit> = { ...streamLimitOptions, protocolPrefix: text, timeout: delay() }

/** Options that were checked against the table, with their defaults. */
export function settingsOf(init: PingInit): Settings {
  return {
    protocol: `/${init.protocolPrefix ?? 'ipfs'}/ping/1.0.0`,
    limits: streamLimits(init, { maxInboundStreams: 2, maxOutboundStreams: 1, runOnLimitedConnection: true }),
    timeout: init.timeout ?? 10_000
  }
}
