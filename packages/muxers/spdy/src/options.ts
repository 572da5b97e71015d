import type { StreamMuxerOptions, StreamOptions } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { initialWindow, maxWindow } from './core/frame.ts'
import { defaultLimits, type SessionLimits } from './core/limits.ts'

/** Options of each stream. */
export interface SpdyStreamOptions extends StreamOptions {
  /** Bytes of a stream's receive window, 65536 at least. @default 1048576 */
  maxStreamWindowSize?: number
}

/** Options of `spdy()`. */
export interface SpdyOptions extends StreamMuxerOptions<SpdyStreamOptions> {
  /** Streams that the remote may have open; one more is reset. @default 1024 */
  maxInboundStreams?: number
  /** Streams that this side may have open; one more is refused. @default 1024 */
  maxOutboundStreams?: number
  /** Bytes of payload in the largest frame that is sent. @default 65536 */
  maxMessageSize?: number
  /** Bytes that may lie unread in a connection: its receive window, 65536 at least. @default 4194304 */
  maxConnectionWindowSize?: number
}

/** The limits that options ask for. Throws `InvalidParametersError`, which names the option. */
export function limitsOf(options: SpdyOptions): SessionLimits {
  const { maxInboundStreams, maxOutboundStreams, maxMessageSize, maxConnectionWindowSize, streamOptions } = options
  return {
    maxInboundStreams: count('maxInboundStreams', maxInboundStreams ?? defaultLimits.maxInboundStreams, 0),
    maxOutboundStreams: count('maxOutboundStreams', maxOutboundStreams ?? defaultLimits.maxOutboundStreams, 0),
    maxMessageSize: count('maxMessageSize', maxMessageSize ?? defaultLimits.maxMessageSize, 1),
    streamWindow: size('maxStreamWindowSize', streamOptions?.maxStreamWindowSize ?? defaultLimits.streamWindow),
    connectionWindow: size('maxConnectionWindowSize', maxConnectionWindowSize ?? defaultLimits.connectionWindow)
  }
}

function count(name: string, value: number, minimum: number): number {
  if (value >= minimum && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)) return value
  throw new InvalidParametersError(`spdy: ${name} must be a whole number of ${minimum} or more, not ${value}`)
}

function size(name: string, value: number): number {
  if (value >= initialWindow && value <= maxWindow && Number.isInteger(value)) return value
  throw new InvalidParametersError(
    `spdy: ${name} must be a whole number from ${initialWindow} to ${maxWindow}, not ${value}`
  )
}
