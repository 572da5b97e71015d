import type { DialProtocolOptions, DialTarget, Startable } from '@libp2p/interface'
import { checkOptions, throwIfAborted } from '@weft/errors'
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

class EchoService implements Echo, Startable {
  readonly [Symbol.toStringTag] = '@weft/echo'
  readonly protocol: string
  private readonly _components: EchoComponents
  private readonly _settings: Settings
  private _started = false

  constructor(components: EchoComponents, protocol: string, settings: Settings) {
    this.protocol = protocol
    this._components = components
    this._settings = settings
  }

  async start(): Promise<void> {
    const { timeout, ...streams } = this._settings
    await this._components.registrar.handle(this.protocol, stream => sendBack(stream, timeout), streams)
    this._started = true
  }

  async stop(): Promise<void> {
    await this._components.registrar.unhandle(this.protocol)
    this._started = false
  }

  isStarted(): boolean {
    return this._started
  }

  async echo(
    peer: DialTarget,
    bytes: Uint8Array | Uint8ArrayList,
    options: DialProtocolOptions = {}
  ): Promise<Uint8ArrayList> {
    const { maxOutboundStreams, runOnLimitedConnection, timeout } = this._settings
    throwIfAborted(options.signal)
    const stream = await this._components.connectionManager.openStream(peer, this.protocol, {
      maxOutboundStreams,
      runOnLimitedConnection,
      ...options
    })
    return exchange(stream, bytes, timeout, options.signal)
  }
}
