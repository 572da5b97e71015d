import type { StreamMuxerOptions } from '@libp2p/interface'
import { amount, group, oneOf, type OptionTable, replaced, whole } from '@weft/errors'
import { defaultLimits, type SessionLimits } from './core/limits.ts'

/** Options of `mplex()`, with the names of js-libp2p's, and `protocol`. */
export interface MplexOptions extends StreamMuxerOptions {
  /**
   * The name that is negotiated. The second is what `libp2p-multiplex` 0.2 called the same frames; to support its peers
   * too, give both: `streamMuxers: [mplex(), mplex({ protocol: '/multiplex/6.7.0' })]`. @default '/mplex/6.7.0'
   */
  protocol?: (typeof protocols)[number]
  /** Streams that the remote may have open; one more is reset. @default 1024 */
  maxInboundStreams?: number
  /** Streams that this side may have open; one more is refused. @default 1024 */
  maxOutboundStreams?: number
  /** Bytes in the body of a frame; one that announces more ends the connection. @default 1048576 */
  maxMessageSize?: number
  /**
   * Unread bytes of a connection, beyond which the stream with the most unread data is reset. (Of a single stream:
   * `streamOptions.maxReadBufferLength`, 1048576 by default.) @default 4194304
   */
  maxUnprocessedMessageQueueSize?: number
  /** Streams past `maxInboundStreams` in a second; one more ends the connection. @default 5 */
  disconnectThreshold?: number
}

/** The protocol names in use, the usual one first. */
export const protocols = ['/mplex/6.7.0', '/multiplex/6.7.0'] as const

/** Rules for the options of `mplex()`. */
export const mplexOptions: OptionTable<MplexOptions> = {
  protocol: oneOf(...protocols),
  maxInboundStreams: whole(),
  maxOutboundStreams: whole(),
  maxMessageSize: whole(1),
  maxUnprocessedMessageQueueSize: whole(1),
  disconnectThreshold: whole(),
  maxEarlyStreams: whole(),
  streamOptions: group({ inactivityTimeout: amount(), maxReadBufferLength: whole(1), maxWriteBufferLength: whole() }),
  maxStreamBufferSize: replaced('use streamOptions.maxReadBufferLength')
}

/** The limits of validated options. */
export function limitsOf(options: MplexOptions): SessionLimits {
  const { maxUnprocessedMessageQueueSize, streamOptions } = options
  return {
    maxInboundStreams: options.maxInboundStreams ?? defaultLimits.maxInboundStreams,
    maxOutboundStreams: options.maxOutboundStreams ?? defaultLimits.maxOutboundStreams,
    maxMessageSize: options.maxMessageSize ?? defaultLimits.maxMessageSize,
    maxStreamBuffer: streamOptions?.maxReadBufferLength ?? defaultLimits.maxStreamBuffer,
    maxConnectionBuffer: maxUnprocessedMessageQueueSize ?? defaultLimits.maxConnectionBuffer,
    disconnectThreshold: options.disconnectThreshold ?? defaultLimits.disconnectThreshold
  }
}
