import type { StreamMuxer, StreamMuxerFactory } from '@weft/interface-stream-muxer'
import { MplexMuxer } from './muxer.ts'
import { limitsOf, type MplexOptions } from './options.ts'

// The name that is negotiated.
const mplexProtocol = '/mplex/6.7.0'

/**
 * Makes mplex for `streamMuxers`. It has no flow control: a stream whose reader falls behind is reset. Put `yamux()` before
 * it. Throws `InvalidParametersError` for options that cannot be.
 *
 * @see https://github.com/libp2p/specs/blob/master/mplex/README.md
 */
export function mplex(options: MplexOptions = {}): (components?: unknown) => StreamMuxerFactory {
  const limits = limitsOf(options)
  return () => ({
    protocol: mplexProtocol,
    createStreamMuxer: (connection): StreamMuxer => new MplexMuxer(connection, mplexProtocol, limits, options),
    get [Symbol.toStringTag]() {
      return '@weft/mplex'
    }
  })
}
