import type { DialProtocolOptions, DialTarget } from '@libp2p/interface'
import { checkOptions } from '@weft/errors'
import { openStream, ProtocolService } from '@weft/interface-protocol'
import type { Uint8ArrayList } from 'uint8arraylist'
import { exchange } from './exchange.ts'
import { type Echo, type EchoComponents, type EchoInit, echoOptions, type Settings, settingsOf } from './options.ts'
import { sendBack } from './send-back.ts'

/** Makes the echo service for `services`. Throws `InvalidParametersError`, which names the option. */
export function echo(init: EchoInit = {}): (components: EchoComponents) => Echo {
  const tellNotices = checkOptions('echo', echoOptions, init)
  const settings = settingsOf(init)
  const protocol = `${init.protocolPrefix === undefined ? '' : `/${init.protocolPrefix}`}/echo/1.0.0`
  return components => {
    tellNotices(components)
    return new EchoService(components, protocol, settings)
  }
}

class EchoService extends ProtocolService<EchoComponents> implements Echo {
  private readonly _timeout: number

  constructor(components: EchoComponents, protocol: string, { limits, timeout }: Settings) {
    super(components, {
      name: '@weft/echo',
      handlers: [{ protocol, limits, serve: stream => sendBack(stream, timeout) }]
    })
    this._timeout = timeout
  }

  async echo(
    peer: DialTarget,
    bytes: Uint8Array | Uint8ArrayList,
    options: DialProtocolOptions = {}
  ): Promise<Uint8ArrayList> {
    const stream = await openStream(this.components, peer, this.handlers[0]!, options)
    return exchange(stream, bytes, this._timeout, options.signal)
  }
}
