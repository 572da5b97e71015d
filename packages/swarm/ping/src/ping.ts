import type { serviceCapabilities as contract, DialProtocolOptions, DialTarget, Startable } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import { answerPings } from './answer.ts'
import { measure } from './measure.ts'
import { type Ping, type PingComponents, type PingInit, settingsOf } from './options.ts'

const serviceCapabilities = Symbol.for('@libp2p/service-capabilities') as typeof contract

/**
 * Makes the ping service for `services`, under the name `ping` where others look for it. Throws `InvalidParametersError`,
 * which names the option.
 *
 * @see https://github.com/libp2p/specs/blob/master/ping/ping.md
 */
export function ping(init: PingInit = {}): (components: PingComponents) => Ping {
  const settings = settingsOf(init)
  return components => new PingService(components, settings)
}

class PingService implements Ping, Startable {
  readonly [serviceCapabilities]: string[] = ['@libp2p/ping']
  readonly [Symbol.toStringTag] = '@weft/ping'
  readonly protocol: string
  readonly #components: PingComponents
  readonly #settings: Required<PingInit>
  #started = false

  constructor(components: PingComponents, settings: Required<PingInit>) {
    this.protocol = `/${settings.protocolPrefix}/ping/1.0.0`
    this.#components = components
    this.#settings = settings
  }

  async start(): Promise<void> {
    const { maxInboundStreams, maxOutboundStreams, runOnLimitedConnection, timeout } = this.#settings
    await this.#components.registrar.handle(this.protocol, stream => answerPings(stream, timeout), {
      maxInboundStreams,
      maxOutboundStreams,
      runOnLimitedConnection
    })
    this.#started = true
  }

  async stop(): Promise<void> {
    await this.#components.registrar.unhandle(this.protocol)
    this.#started = false
  }

  isStarted(): boolean {
    return this.#started
  }

  async ping(peer: DialTarget, options: DialProtocolOptions = {}): Promise<number> {
    const { runOnLimitedConnection, timeout } = this.#settings
    throwIfAborted(options.signal)
    const stream = await this.#components.connectionManager.openStream(peer, this.protocol, {
      runOnLimitedConnection,
      ...options
    })
    return measure(stream, timeout, options.signal)
  }
}
