// Whether a channel agrees on the muxer in its own handshake.

let last

/** The channel of a factory, made to offer its muxers in the handshake or not. What it agreed on is kept. */
export function withMuxer(factory, offered) {
  return components => {
    const channel = factory(components)
    const watch = method => async (connection, options) => {
      const secured = await channel[method](connection, { ...options, skipStreamMuxerNegotiation: !offered })
      last = secured.streamMuxer?.protocol
      return secured
    }
    return {
      protocol: channel.protocol,
      secureInbound: watch('secureInbound'),
      secureOutbound: watch('secureOutbound')
    }
  }
}

/** The muxer on which the last handshake of this process agreed. */
export function lastEarlyMuxer() {
  return last
}
