import type { DialProtocolOptions, DialTarget } from '@libp2p/interface'
import { delay, type OptionTable, text } from '@weft/errors'
import {
  type ClientComponents,
  type StreamLimits,
  streamLimitOptions,
  streamLimits,
  type StreamLimitsInit
} from '@weft/interface-protocol'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The service. */
export interface Echo {
  /** The protocol name that it handles. */
  readonly protocol: string
  /**
   * Sends bytes and returns what comes back. Rejects with `ProtocolError` if that is longer, with `UnexpectedEOFError` if
   * it is shorter, with `TimeoutError` if nothing moves for `timeout` milliseconds, with the signal's reason, or with what
   * broke the stream. The bytes are not compared.
   */
  echo(peer: DialTarget, bytes: Uint8Array | Uint8ArrayList, options?: DialProtocolOptions): Promise<Uint8ArrayList>
}

/** Options of `echo()`, with the names of js-libp2p's. */
export interface EchoInit extends StreamLimitsInit {
  /** First part of the protocol name. @default none: `/echo/1.0.0` */
  protocolPrefix?: string
  /** Streams that a peer may have open at once. @default 32 */
  maxInboundStreams?: number
  /** Streams to a peer at once. @default 64 */
  maxOutboundStreams?: number
  /** Whether limited (relayed) connections are used. @default false */
  runOnLimitedConnection?: boolean
  /** Milliseconds that a stream may be silent before it is aborted. @default 20000 */
  timeout?: number
}

/** What the service needs of a node. */
export type EchoComponents = ClientComponents

/** Options that have been checked. */
export interface Settings {
  readonly limits: StreamLimits
  readonly timeout: number
}

/** What the options of `echo()` may be. */
export const echoOptions: OptionTable<EchoInit> = { ...streamLimitOptions, protocolPrefix: text, timeout: delay() }

/** Options that were checked against the table, with their defaults, which for streams are the registrar's. */
export function settingsOf(init: EchoInit): Settings {
  return {
    limits: streamLimits(init, {
      maxInboundStreams: 32,
      maxOutboundStreams: 64,
      runOnLimitedConnection: false
    }),
    timeout: init.timeout ?? 20_000
  }
}
