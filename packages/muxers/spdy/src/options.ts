import type { StreamMuxerOptions, StreamOptions } from '@libp2p/interface'
import { amount, group, type OptionTable, whole } from '@weft/errors'
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
  /** The receive window of a connection, at least 65536 bytes. @default 4194304 */
  maxConnectionWindowSize?: number
}

/** Rules for the options of `spdy()`. */
export const spdyOptions: OptionTable<SpdyOptions> = {
  maxInboundStreams: whole(),
  maxOutboundStreams: whole(),
  maxMessageSize: whole(1),
  maxConnectionWindowSize: whole(initialWindow, maxWindow),
  maxEarlyStreams: whole(),
  streamOptions: group({
    maxStreamWindowSize: whole(initialWindow, maxWindow),
    inactivityTimeout: amount(),
    maxReadBufferLength: whole(),
    maxWriteBufferLength: whole()
  })
}

/** The limits of validated options. */
export function limitsOf(options: SpdyOptions): SessionLimits {
  return {
    maxInboundStreams: options.maxInboundStreams ?? defaultLimits.maxInboundStreams,
    maxOutboundStreams: options.maxOutboundStreams ?? defaultLimits.maxOutboundStreams,
    maxMessageSize: options.maxMessageSize ?? defaultLimits.maxMessageSize,
    streamWindow: options.streamOptions?.maxStreamWindowSize ?? defaultLimits.streamWindow,
    connectionWindow: options.maxConnectionWindowSize ?? defaultLimits.connectionWindow
  }
}
