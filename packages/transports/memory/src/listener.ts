import type { CreateListenerOptions, Logger, MultiaddrConnection } from '@libp2p/interface'
import { AlreadyStartedError, ConnectionClosedError, InvalidParametersError, ListenError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { raceSignal } from '@weft/interface-connection'
import { InboundConnections, type Listener, type ListenerEvents } from '@weft/interface-transport'
import { CODE_P2P, isMemory, type Multiaddr, multiaddr } from '@weft/multiaddr'
import { memoryPair } from './connection.ts'
import { type Delay, delay } from './delay.ts'
import type { Settings } from './options.ts'
import { type Caller, type Endpoint, endpoints } from './registry.ts'

/** A name in the registry, and the connections to it. */
export class MemoryListener extends EventEmitter<ListenerEvents> implements Listener {
  readonly #log: Logger
  readonly #settings: Settings
  readonly #delay: Delay
  readonly #inbound: InboundConnections
  #listening: { address: Multiaddr; endpoint: Endpoint } | undefined

  constructor(log: Logger, settings: Settings, { upgrader }: CreateListenerOptions) {
    super()
    this.#log = log
    this.#settings = settings
    this.#delay = delay(settings.latency)
    this.#inbound = new InboundConnections({ upgrader, log, upgraderOptions: settings.upgraderOptions })
  }

  getAddrs(): Multiaddr[] {
    return this.#listening === undefined ? [] : [this.#listening.address]
  }

  updateAnnounceAddrs(_addresses: Multiaddr[]): void {}

  async listen(given: Multiaddr): Promise<void> {
    if (this.#listening !== undefined) throw new AlreadyStartedError('the listener is listening already')
    if (!isMemory(given)) throw new InvalidParametersError(`${given.toString()} is no memory address`)
    const address = given.decapsulateCode(CODE_P2P)
    const name = address.toString()
    if (endpoints.has(name)) {
      throw new ListenError(`cannot listen on ${name}: it is taken`, { facts: { address: name } })
    }
    const endpoint: Endpoint = { connect: caller => this.#connect(endpoint, address, caller) }
    endpoints.set(name, endpoint)
    this.#listening = { address, endpoint }
    this.safeDispatchEvent('listening')
  }

  async close(): Promise<void> {
    if (this.#listening === undefined) return
    endpoints.delete(this.#listening.address.toString())
    this.#listening = undefined
    this.#inbound.abort(new ConnectionClosedError('the listener was closed'))
    // Later, as a socket does: who closes many listeners at once is not called back from within.
    await Promise.resolve()
    this.safeDispatchEvent('close')
  }

  async #connect(endpoint: Endpoint, address: Multiaddr, caller: Caller): Promise<MultiaddrConnection | undefined> {
    await raceSignal(new Promise<void>(resolve => this.#delay(resolve)), caller.signal)
    if (this.#listening?.endpoint !== endpoint) return undefined
    const common = { delay: this.#delay, maxMessageSize: this.#settings.maxMessageSize }
    const [dialer, accepted] = memoryPair(
      { ...common, direction: 'outbound', remoteAddr: caller.address, log: caller.log },
      {
        ...common,
        direction: 'inbound',
        remoteAddr: multiaddr(`${address.toString()}-outgoing`),
        log: () => this.#log.newScope('connection')
      }
    )
    this.#inbound.accept(accepted)
    return dialer
  }
}
