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
  private readonly _log: Logger
  private readonly _settings: Settings
  private readonly _delay: Delay
  private readonly _inbound: InboundConnections
  private _listening: { address: Multiaddr; endpoint: Endpoint } | undefined

  constructor(log: Logger, settings: Settings, { upgrader }: CreateListenerOptions) {
    super()
    this._log = log
    this._settings = settings
    this._delay = delay(settings.latency)
    this._inbound = new InboundConnections({ upgrader, log, upgraderOptions: settings.upgraderOptions })
  }

  getAddrs(): Multiaddr[] {
    return this._listening === undefined ? [] : [this._listening.address]
  }

  updateAnnounceAddrs(_addresses: Multiaddr[]): void {}

  async listen(given: Multiaddr): Promise<void> {
    if (this._listening !== undefined) throw new AlreadyStartedError('the listener is listening already')
    if (!isMemory(given)) throw new InvalidParametersError(`${given.toString()} is no memory address`)
    const address = given.decapsulateCode(CODE_P2P)
    const name = address.toString()
    if (endpoints.has(name)) {
      throw new ListenError(`cannot listen on ${name}: it is taken`, { facts: { address: name } })
    }
    const endpoint: Endpoint = { connect: caller => this._connect(endpoint, address, caller) }
    endpoints.set(name, endpoint)
    this._listening = { address, endpoint }
    this.safeDispatchEvent('listening')
  }

  async close(): Promise<void> {
    if (this._listening === undefined) return
    endpoints.delete(this._listening.address.toString())
    this._listening = undefined
    this._inbound.abort(new ConnectionClosedError('the listener was closed'))
    // Asynchronously, as a socket does: so that closing many listeners causes no reentrant calls.
    await Promise.resolve()
    this.safeDispatchEvent('close')
  }

  private async _connect(
    endpoint: Endpoint,
    address: Multiaddr,
    caller: Caller
  ): Promise<MultiaddrConnection | undefined> {
    await raceSignal(new Promise<void>(resolve => this._delay(resolve)), caller.signal)
    if (this._listening?.endpoint !== endpoint) return undefined
    const common = { delay: this._delay, maxMessageSize: this._settings.maxMessageSize }
    const [dialer, accepted] = memoryPair(
      { ...common, direction: 'outbound', remoteAddr: caller.address, log: caller.log },
      {
        ...common,
        direction: 'inbound',
        remoteAddr: multiaddr(`${address.toString()}-outgoing`),
        log: () => this._log.newScope('connection')
      }
    )
    this._inbound.accept(accepted)
    return dialer
  }
}
