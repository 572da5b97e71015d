import type { serviceCapabilities as contract, DialProtocolOptions, DialTarget, Startable } from '@libp2p/interface'
import { checkOptions, throwIfAborted } from '@weft/errors'
import { answerPings } from './answer.ts'
import { measure } from './measure.ts'
import { type Ping, type PingComponents, type PingInit, pingOptions, settingsOf } from './options.ts'

const serviceCapabilities = Symbol.for('@libp2p/service-capabilities') as typeof contract

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

class PingService implements Ping, Startable {
  readonly [serviceCapabilities]: string[] = ['@libp2p/ping']
  readonly [Symbol.toStringTag] = '@weft/ping'
  readonly protocol: string
  private readonly _components: PingComponents
  private readonly _settings: Required<PingInit>
  private _started = false

  constructor(components: PingComponents, settings: Required<PingInit>) {
    this.protocol = `/${settings.protocolPrefix}/ping/1.0.0`
    this._components = components
    this._settings = settings
  }

  async start(): Promise<void> {
    const { maxInboundStreams, maxOutboundStreams, runOnLimitedConnection, timeout } = this._settings
    await this._components.registrar.handle(this.protocol, stream => answerPings(stream, timeout), {
      maxInboundStreams,
      maxOutboundStreams,
      runOnLimitedConnection
    })
    this._started = true
  }

  async stop(): Promise<void> {
    await this._components.registrar.unhandle(this.protocol)
    this._started = false
  }

  isStarted(): boolean {
    return this._started
  }

  async ping(peer: DialTarget, options: DialProtocolOptions = {}): Promise<number> {
    const { runOnLimitedConnection, timeout } = this._settings
    throwIfAborted(options.signal)
    const stream = await this._components.connectionManager.openStream(peer, this.protocol, {
      runOnLimitedConnection,
      ...options
    })
    return measure(stream, timeout, options.signal)
  }
}
