import type { DialProtocolOptions, DialTarget } from '@libp2p/interface'
import { checkOptions } from '@weft/errors'
import { openStream, ProtocolService } from '@weft/interface-protocol'
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
      handlers: [{ protocol, limits, serve: stream => answerPings(stream, timeout) }]
    })
    this._timeout = timeout
  }

  async ping(peer: DialTarget, options: DialProtocolOptions = {}): Promise<number> {
    const stream = await openStream(this.components, peer, this.handlers[0]!, options)
    return measure(stream, this._timeout, options.signal)
  }
}
