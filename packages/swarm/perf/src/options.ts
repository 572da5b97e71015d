import type { Connection, DialProtocolOptions, DialTarget } from '@libp2p/interface'
import { delay, type OptionTable, text, whole } from '@weft/errors'
import {
  type ServiceComponents,
  type StreamLimits,
  streamLimitOptions,
  streamLimits,
  type StreamLimitsInit
} from '@weft/interface-protocol'
import type { Multiaddr } from '@weft/multiaddr'

/** Options of one measurement. */
export interface PerfOptions extends DialProtocolOptions {
  /** Whether a connection that is open may be used. Otherwise the time includes the set-up of a new one. @default false */
  reuseExistingConnection?: boolean
}

/** A report: `intermediary` about once a second, on what moved since the last; `final` on the whole. */
export interface PerfOutput {
  /** Which report it is. `connection` and `stream` are names of the contract that are not reported. */
  type: 'connection' | 'stream' | 'intermediary' | 'final'
  /** Seconds that the report is about. */
  timeSeconds: number
  /** Bytes sent in that time. */
  uploadBytes: number
  /** Bytes received in that time. */
  downloadBytes: number
}

/** The service. */
export interface Perf {
  /**
   * Sends `sendBytes` to a peer, then has it send `receiveBytes` back. Both are whole numbers of 0 to 2^64 - 1; beyond 2^53 a
   * bigint is exact. Throws `InvalidParametersError`, `ProtocolError` if another number of bytes comes back, the signal's
   * reason, or what broke the stream. Leaving the loop early breaks the measurement off.
   */
  measurePerformance(
    address: Multiaddr,
    sendBytes: number | bigint,
    receiveBytes: number | bigint,
    options?: PerfOptions
  ): AsyncGenerator<PerfOutput>
}

/** Options of `perf()`, with the names of js-libp2p's. */
export interface PerfInit extends StreamLimitsInit {
  /** @default '/perf/1.0.0' */
  protocolName?: string
  /** Streams that a peer may measure on at once. @default 1 */
  maxInboundStreams?: number
  /** Streams to a peer at once. @default 1 */
  maxOutboundStreams?: number
  /** Whether limited (relayed) connections are used. @default false */
  runOnLimitedConnection?: boolean
  /** Bytes of each write, 8 at least. @default 65536 */
  writeBlockSize?: number
  /** Milliseconds without a byte either way after which a peer that measures is reset. @default 20000 */
  timeout?: number
}

/** What the service needs of a node. */
export interface PerfComponents extends ServiceComponents {
  /** Opens the connection that is measured. */
  connectionManager: {
    openConnection(peer: DialTarget, options?: DialProtocolOptions): Promise<Pick<Connection, 'newStream'>>
  }
}

/** What the options of `perf()` may be. */
export const perfOptions: OptionTable<PerfInit> = {
  ...streamLimitOptions,
  protocolName: text,
  // The request must fit one write.
  writeBlockSize: whole(8),
  timeout: delay()
}

/** Options that have been checked. */
export interface Settings {
  readonly protocol: string
  readonly limits: StreamLimits
  readonly writeBlockSize: number
  readonly timeout: number
}

/** Options that were checked against the table, with their defaults. */
export function settingsOf(init: PerfInit): Settings {
  return {
    protocol: init.protocolName ?? '/perf/1.0.0',
    limits: streamLimits(init, { maxInboundStreams: 1, maxOutboundStreams: 1, runOnLimitedConnection: false }),
    writeBlockSize: init.writeBlockSize ?? 65_536,
    timeout: init.timeout ?? 20_000
  }
}
