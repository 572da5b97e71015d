import type { StreamMuxerOptions, StreamOptions } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { initialWindow } from './core/frame.ts'
import { defaultLimits, type SessionLimits } from './core/limits.ts'

/** Options of each stream. */
export interface YamuxStreamOptions extends StreamOptions {
  /** Bytes to which a receive window may grow, 262144 at least. @default 8388608 */
  maxStreamWindowSize?: number
}

/** Options of `yamux()`, with the names of js-libp2p's. */
export interface YamuxOptions extends StreamMuxerOptions<YamuxStreamOptions> {
  /** Streams that the remote may have open; one more is reset. @default 1024 */
  maxInboundStreams?: number
  /** Streams that this side may have open; `newStream()` waits past it. @default 1024 */
  maxOutboundStreams?: number
  /** Bytes by which all windows of a connection may grow, and that may lie unread in it. @default 16777216 */
  maxConnectionWindowSize?: number
  /** Whether a silent remote is asked for a sign of life. @default true */
  enableKeepAlive?: boolean
  /** Milliseconds of silence before it is asked. @default 30000 */
  keepAliveInterval?: number
  /** Milliseconds that it then has to answer. @default 30000 */
  keepAliveTimeout?: number
}

/** The limits that options ask for. Throws `InvalidParametersError`, which names the option. */
export function limitsOf(options: YamuxOptions): SessionLimits {
  const keepAlive = options.enableKeepAlive !== false
  return {
    maxInboundStreams: count('maxInboundStreams', options.maxInboundStreams, 0),
    maxOutboundStreams: count('maxOutboundStreams', options.maxOutboundStreams, 0),
    maxMessageSize: count('maxMessageSize', options.maxMessageSize, 1),
    maxStreamWindow: count('maxStreamWindow', options.streamOptions?.maxStreamWindowSize, initialWindow),
    maxConnectionWindow: count('maxConnectionWindow', options.maxConnectionWindowSize, initialWindow),
    keepAliveInterval: keepAlive ? count('keepAliveInterval', options.keepAliveInterval, 1) : Number.POSITIVE_INFINITY,
    keepAliveTimeout: count('keepAliveTimeout', options.keepAliveTimeout, 1)
  }
}

function count(name: keyof SessionLimits, value: number | undefined, minimum: number): number {
  if (value === undefined) return defaultLimits[name]
  if (value >= minimum && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)) return value
  throw new InvalidParametersError(`yamux: ${name} must be a whole number of ${minimum} or more, not ${value}`)
}
