import type { StreamMuxerOptions, StreamOptions } from '@libp2p/interface'
import { amount, flag, group, type OptionTable, replaced, unused, whole } from '@weft/errors'
import { initialWindow } from './core/frame.ts'
import { defaultLimits, type SessionLimits } from './core/limits.ts'

/** Options of each stream. */
export interface YamuxStreamOptions extends StreamOptions {
  /** Bytes to which a receive window may grow, 262144 at least. @default 16777216 */
  maxStreamWindowSize?: number
}

/** Options of `yamux()`, with the names of js-libp2p's. */
export interface YamuxOptions extends StreamMuxerOptions<YamuxStreamOptions> {
  /** Streams that the remote may have open; one more is reset. @default 1024 */
  maxInboundStreams?: number
  /** Streams that this side may have open; `newStream()` waits past it. @default 1024 */
  maxOutboundStreams?: number
  /**
   * Bytes that may lie unread in a connection. Where it is given, all windows of a connection grow by as many at most.
   * @default 16777216
   */
  maxConnectionWindowSize?: number
  /** Whether a silent remote is asked for a sign of life. @default true */
  enableKeepAlive?: boolean
  /** Milliseconds of silence before it is asked. @default 30000 */
  keepAliveInterval?: number
  /** Milliseconds that it then has to answer. @default 30000 */
  keepAliveTimeout?: number
}

const ofStreams = replaced('use streamOptions.maxStreamWindowSize')

/** What the options of `yamux()` may be. */
export const yamuxOptions: OptionTable<YamuxOptions> = {
  maxInboundStreams: whole(),
  maxOutboundStreams: whole(),
  maxMessageSize: whole(1),
  maxConnectionWindowSize: whole(initialWindow),
  enableKeepAlive: flag,
  keepAliveInterval: whole(1),
  keepAliveTimeout: whole(1),
  maxEarlyStreams: whole(),
  streamOptions: group({
    maxStreamWindowSize: whole(initialWindow),
    inactivityTimeout: amount(),
    maxReadBufferLength: whole(),
    maxWriteBufferLength: whole(),
    initialStreamWindowSize: unused
  }),
  maxStreamWindowSize: ofStreams,
  initialStreamWindowSize: unused
}

/** The limits that options ask for, which were checked against the table. */
export function limitsOf(options: YamuxOptions): SessionLimits {
  const { enableKeepAlive = true, keepAliveInterval = defaultLimits.keepAliveInterval, streamOptions } = options
  return {
    maxInboundStreams: options.maxInboundStreams ?? defaultLimits.maxInboundStreams,
    maxOutboundStreams: options.maxOutboundStreams ?? defaultLimits.maxOutboundStreams,
    maxMessageSize: options.maxMessageSize ?? defaultLimits.maxMessageSize,
    maxStreamWindow: streamOptions?.maxStreamWindowSize ?? defaultLimits.maxStreamWindow,
    maxConnectionWindow: options.maxConnectionWindowSize ?? defaultLimits.maxConnectionWindow,
    maxWindowGrowth: options.maxConnectionWindowSize ?? defaultLimits.maxWindowGrowth,
    keepAliveInterval: enableKeepAlive ? keepAliveInterval : Number.POSITIVE_INFINITY,
    keepAliveTimeout: options.keepAliveTimeout ?? defaultLimits.keepAliveTimeout
  }
}
