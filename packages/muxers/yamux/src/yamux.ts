import { checkOptions } from '@weft/errors'
import type { StreamMuxer, StreamMuxerFactory } from '@weft/interface-stream-muxer'
import { YamuxMuxer } from './muxer.ts'
import { limitsOf, type YamuxOptions, yamuxOptions } from './options.ts'

const yamuxProtocol = '/yamux/1.0.0'

/**
 * Makes yamux for `streamMuxers`. Throws `InvalidParametersError` for options that cannot be.
 *
 * @see https://github.com/libp2p/specs/blob/master/yamux/README.md
 */
export function yamux(options: YamuxOptions = {}): (components?: unknown) => StreamMuxerFactory {
  const tellNotices = checkOptions('yamux', yamuxOptions, options)
  const limits = limitsOf(options)
  return components => {
    tellNotices(components)
    return {
      protocol: yamuxProtocol,
      createStreamMuxer: (connection): StreamMuxer => new YamuxMuxer(connection, yamuxProtocol, limits, options),
      get [Symbol.toStringTag]() {
        return '@weft/yamux'
      }
    }
  }
}
