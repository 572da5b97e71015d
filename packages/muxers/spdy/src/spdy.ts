import { checkOptions } from '@weft/errors'
import type { StreamMuxer, StreamMuxerFactory } from '@weft/interface-stream-muxer'
import { SpdyMuxer } from './muxer.ts'
import { limitsOf, type SpdyOptions, spdyOptions } from './options.ts'

// The negotiated protocol name.
const spdyProtocol = '/spdy/3.1.0'

/**
 * Creates SPDY for `streamMuxers`, for peers without a newer muxer. List `yamux()` before it. Throws
 * `InvalidParametersError` for invalid options.
 *
 * @see https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
export function spdy(options: SpdyOptions = {}): (components?: unknown) => StreamMuxerFactory {
  const tellNotices = checkOptions('spdy', spdyOptions, options)
  const limits = limitsOf(options)
  return components => {
    tellNotices(components)
    return {
      protocol: spdyProtocol,
      createStreamMuxer: (connection): StreamMuxer => new SpdyMuxer(connection, spdyProtocol, limits, options),
      get [Symbol.toStringTag]() {
        return '@weft/spdy'
      }
    }
  }
}
