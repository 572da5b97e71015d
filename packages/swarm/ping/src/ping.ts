import type { Connection, DialProtocolOptions, DialTarget, Stream } from '@libp2p/interface'
import { checkOptions, throwIfAborted, TooManyInboundProtocolStreamsError } from '@weft/errors'
import { pingTurnsOf, ProtocolService } from '@weft/interface-protocol'
import { answerPings } from './answer.ts'
import { measure } from './measure.ts'
import { type Ping, type PingComponents, type PingInit, pingOptions, type Settings, settingsOf } from './options.ts'

/**
 * Makes the ping service for `services`, under the name `ping` where others look for it. Throws `InvalidParametersError`,
 * which names the option.
 *
 * @see https://github.com/libp2p/specs/blob/master/ping/ping.md
 */
export function ping(init: PingInit = {}): (components: PingComponents) => Ping {
  const tellNotices = checkOptions('ping', pingOptions, init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new PingService(components, settings)
  }
}

class PingService extends ProtocolService<PingComponents> implements Ping {
  private readonly _timeout: number

  constructor(components: PingComponents, { protocol, limits, timeout }: Settings) {
    super(components, {
      name: '@weft/ping',
      capabilities: ['@libp2p/ping'],
      handlers: [{ protocol, limits, serve: perPeer(limits.maxInboundStreams, stream => answerPings(stream, timeout)) }]
    })
    this._timeout = timeout
  }

  async ping(peer: DialTarget, options: DialProtocolOptions = {}): Promise<number> {
    const { signal } = options
    throwIfAborted(signal)
    const { connectionManager } = this.components
    const connection = await connectionManager.openConnection(peer, options)
    // One at a time, with those of the node's own watch: users' pings wait for each other, and none fails for it.
    const turns = pingTurnsOf(connectionManager)
    const done = await turns.take(connection.remotePeer.toString(), {
      holder: connection,
      ...(signal !== undefined && { signal })
    })
    try {
      const { protocol, limits } = this.handlers[0]!
      const { maxOutboundStreams, runOnLimitedConnection } = limits
      const { onProgress: _, ...rest } = options
      const stream = await connection.newStream(protocol, { maxOutboundStreams, runOnLimitedConnection, ...rest })
      return await measure(stream, this._timeout, signal)
    } finally {
      done()
    }
  }
}

/** Serves so many streams of a peer at once, over however many connections (ping.md). */
function perPeer(
  limit: number,
  serve: (stream: Stream) => Promise<void>
): (stream: Stream, connection: Connection) => Promise<void> {
  const counts = new Map<string, number>()
  return async (stream, { remotePeer }) => {
    const peer = String(remotePeer)
    const count = (counts.get(peer) ?? 0) + 1
    if (count > limit) {
      const facts = { protocol: stream.protocol, limit }
      throw new TooManyInboundProtocolStreamsError(`${count} streams of one peer, at most ${limit} may be open`, {
        facts
      })
    }
    counts.set(peer, count)
    try {
      await serve(stream)
    } finally {
      const left = counts.get(peer)! - 1
      if (left === 0) counts.delete(peer)
      else counts.set(peer, left)
    }
  }
}
