import { checkOptions } from '@weft/errors'
import type { StreamMuxer, StreamMuxerFactory } from '@weft/interface-stream-muxer'
import { MplexMuxer } from './muxer.ts'
import { limitsOf, type MplexOptions, mplexOptions, protocols } from './options.ts'

/**
 * Creates mplex for `streamMuxers`. It has no flow control: a stream whose reader falls behind is reset. List `yamux()`
 * before it. Throws `InvalidParametersError` for invalid options.
 *
 * @see https://github.com/libp2p/specs/blob/master/mplex/README.md
 */
export function mplex(options: MplexOptions = {}): (components?: unknown) => StreamMuxerFactory {
  const tellNotices = checkOptions('mplex', mplexOptions, options)
  const limits = limitsOf(options)
  const { protocol = protocols[0] } = options
  return components => {
    tellNotices(components)
    return {
      protocol,
      createStreamMuxer: (connection): StreamMuxer => new MplexMuxer(connection, protocol, limits, options),
      get [Symbol.toStringTag]() {
        return '@weft/mplex'
      }
    }
  }
}
