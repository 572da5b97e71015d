import type { StreamMuxerOptions } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { defaultLimits, type SessionLimits } from './core/limits.ts'

/** Options of `mplex()`, with the names of js-libp2p's, and `protocol`. */
export interface MplexOptions extends StreamMuxerOptions {
  /**
   * The name that is negotiated. The second is what `libp2p-multiplex` 0.2 called the same frames; a node that shall reach
   * its peers too gives both: `streamMuxers: [mplex(), mplex({ protocol: '/multiplex/6.7.0' })]`. @default '/mplex/6.7.0'
   */
  protocol?: (typeof protocols)[number]
  /** Streams that the remote may have open; one more is reset. @default 1024 */
  maxInboundStreams?: number
  /** Streams that this side may have open; one more is refused. @default 1024 */
  maxOutboundStreams?: number
  /** Bytes in the body of a frame; one that announces more ends the connection. @default 1048576 */
  maxMessageSize?: number
  /**
   * Bytes that may lie unread in a connection; past it the stream that holds most is reset. (Of a single stream:
   * `streamOptions.maxReadBufferLength`, 1048576 by default.) @default 4194304
   */
  maxUnprocessedMessageQueueSize?: number
  /** Streams past `maxInboundStreams` in a second; one more ends the connection. @default 5 */
  disconnectThreshold?: number
}

const protocols = ['/mplex/6.7.0', '/multiplex/6.7.0'] as const

/** The name to negotiate. Throws `InvalidParametersError` for one that no peer speaks. */
export function protocolOf({ protocol = protocols[0] }: MplexOptions): string {
  if (protocols.includes(protocol)) return protocol
  throw new InvalidParametersError(`mplex: protocol must be one of ${protocols.join(', ')}, not ${String(protocol)}`)
}

/** The limits that options ask for. Throws `InvalidParametersError`, which names the option. */
export function limitsOf(options: MplexOptions): SessionLimits {
  return {
    maxInboundStreams: count('maxInboundStreams', options.maxInboundStreams, defaultLimits.maxInboundStreams, 0),
    maxOutboundStreams: count('maxOutboundStreams', options.maxOutboundStreams, defaultLimits.maxOutboundStreams, 0),
    maxMessageSize: count('maxMessageSize', options.maxMessageSize, defaultLimits.maxMessageSize, 1),
    maxStreamBuffer: count(
      'maxReadBufferLength',
      options.streamOptions?.maxReadBufferLength,
      defaultLimits.maxStreamBuffer,
      1
    ),
    maxConnectionBuffer: count(
      'maxUnprocessedMessageQueueSize',
      options.maxUnprocessedMessageQueueSize,
      defaultLimits.maxConnectionBuffer,
      1
    ),
    disconnectThreshold: count('disconnectThreshold', options.disconnectThreshold, defaultLimits.disconnectThreshold, 0)
  }
}

function count(name: string, value: number | undefined, standard: number, minimum: number): number {
  if (value === undefined) return standard
  if (value >= minimum && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)) return value
  throw new InvalidParametersError(`mplex: ${name} must be a whole number of ${minimum} or more, not ${value}`)
}
