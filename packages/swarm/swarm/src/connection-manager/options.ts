import { connectionOption, type DialerInit } from '@weft/dialer'
import { InvalidParametersError } from '@weft/errors'
import type { AdmissionInit } from '../admission/options.ts'
import type { Watermarks } from '../core/pruning/watermarks.ts'
import type { ReconnectLimits } from '../core/reconnect/schedule.ts'

/** Options of the connection manager, with js-libp2p's names and defaults unless it is said otherwise. */
export interface ConnectionManagerInit extends DialerInit, AdmissionInit {
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
  /** Milliseconds in which a connection must have closed. @default 1000 */
  connectionCloseTimeout?: number
  /** Milliseconds for the protocol of a stream of the remote. @default 10000 */
  inboundStreamProtocolNegotiationTimeout?: number
  /** Milliseconds for the protocol of a stream of this side. @default 10000 */
  outboundStreamProtocolNegotiationTimeout?: number
}

/** The watermarks, if there are any. */
export function watermarks(init: ConnectionManagerInit, maxConnections: number): Watermarks | undefined {
  const marks = {
    low: connectionOption(init, 'lowWater', 0, Number.NaN),
    high: connectionOption(init, 'highWater', 0, Number.NaN),
    gracePeriod: connectionOption(init, 'gracePeriod', 0, 60_000),
    silencePeriod: connectionOption(init, 'silencePeriod', 0, 10_000)
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
    retries: connectionOption(init, 'reconnectRetries', 0, 5),
    interval: connectionOption(init, 'reconnectRetryInterval', 0, 1000),
    factor: connectionOption(init, 'reconnectBackoffFactor', 0, 2),
    maxParallel: connectionOption(init, 'maxParallelReconnects', 1, 5)
  }
}
