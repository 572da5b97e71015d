import type { DialProtocolOptions, DialTarget, Startable } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import type { Uint8ArrayList } from 'uint8arraylist'
import { exchange } from './exchange.ts'
import { type Echo, type EchoComponents, type EchoInit, type Settings, settingsOf } from './options.ts'
import { sendBack } from './send-back.ts'

/** Makes the echo service for `services`. Throws `InvalidParametersError`, which names the option. */
export function echo(init: EchoInit = {}): (components: EchoComponents) => Echo {
  const settings = settingsOf(init)
  const protocol = `${init.protocolPrefix === undefined ? '' : `/${init.protocolPrefix}`}/echo/1.0.0`
  return components => new EchoService(components, protocol, settings)
}

class EchoService implements Echo, Startable {
  readonly [Symbol.toStringTag] = '@weft/echo'
  readonly protocol: string
  readonly #components: EchoComponents
  readonly #settings: Settings
  #started = false

  constructor(components: EchoComponents, protocol: string, settings: Settings) {
    this.protocol = protocol
    this.#components = components
    this.#settings = settings
  }

  async start(): Promise<void> {
    const { timeout, ...streams } = this.#settings
    await this.#components.registrar.handle(this.protocol, stream => sendBack(stream, timeout), streams)
    this.#started = true
  }

  async stop(): Promise<void> {
    await this.#components.registrar.unhandle(this.protocol)
    this.#started = false
  }

  isStarted(): boolean {
    return this.#started
  }

  async echo(
    peer: DialTarget,
    bytes: Uint8Array | Uint8ArrayList,
    options: DialProtocolOptions = {}
  ): Promise<Uint8ArrayList> {
    const { maxOutboundStreams, runOnLimitedConnection, timeout } = this.#settings
    throwIfAborted(options.signal)
    const stream = await this.#components.connectionManager.openStream(peer, this.protocol, {
      maxOutboundStreams,
      runOnLimitedConnection,
      ...options
    })
    return exchange(stream, bytes, timeout, options.signal)
  }
}
