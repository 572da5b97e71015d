/** The transports of a node and their listeners. */
import type {
  ComponentLogger,
  Connection,
  FaultTolerance as FaultToleranceContract,
  Libp2pEvents,
  Listener,
  Logger,
  Metrics,
  Startable,
  Transport,
  TypedEventTarget,
  Upgrader
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidParametersError, NotStartedError } from '@weft/errors'
import type { AddressManager, TransportManager, TransportManagerDialOptions } from '@weft/interface-node'
import { progress } from '@weft/interface-node'
import { FaultTolerance } from '@weft/interface-transport'
import { tryGetNetConfig } from '@weft/multiaddr'
import {
  TransportUnavailableError,
  UnsupportedListenAddressError,
  UnsupportedListenAddressesError
} from './transport-errors.ts'

/** What happens when an address cannot be listened on. */
export interface TransportManagerInit {
  /** Default `FaultTolerance.FATAL_ALL`, 0. */
  faultTolerance?: FaultToleranceContract | undefined
}

export interface TransportManagerComponents {
  addressManager: AddressManager
  upgrader: Upgrader
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
}

/** The component `transportManager`. */
export class DefaultTransportManager implements TransportManager, Startable {
  private readonly _components: TransportManagerComponents
  private readonly _log: Logger
  private readonly _faultTolerance: FaultToleranceContract
  private readonly _transports = new Map<string, Transport>()
  private readonly _listeners = new Map<Listener, { transport: string }>()
  private _started = false

  constructor(components: TransportManagerComponents, init: TransportManagerInit = {}) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:transports')
    this._faultTolerance = init.faultTolerance ?? FaultTolerance.FATAL_ALL
    components.metrics?.registerMetric('libp2p_transport_manager_transports', {
      calculate: () => this._transports.size
    })
    components.metrics?.registerMetric('libp2p_transport_manager_listeners', { calculate: () => this._listeners.size })
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/transport-manager' {
    return '@libp2p/transport-manager'
  }

  add(transport: Transport): void {
    const name = transport[Symbol.toStringTag]
    if (name == null) throw new InvalidParametersError('a transport has no name under Symbol.toStringTag')
    if (this._transports.has(name)) throw new InvalidParametersError(`transports: there are two of the name ${name}`)
    this._transports.set(name, transport)
  }

  /** Whether it may listen. */
  isStarted(): boolean {
    return this._started
  }

  start(): void {
    this._started = true
  }

  /** Listens once everything else has started, as peers may come at once. */
  async afterStart(): Promise<void> {
    await this.listen(this._components.addressManager.getListenAddrs())
  }

  async stop(): Promise<void> {
    this._started = false
    await this._close([...this._listeners.keys()])
  }

  async dial(ma: Multiaddr, options: TransportManagerDialOptions = {}): Promise<Connection> {
    const transport = this.dialTransportForMultiaddr(ma)
    if (transport === undefined) throw new TransportUnavailableError(ma.toString())
    progress(options, 'transport-manager:selected-transport', transport[Symbol.toStringTag])
    const { signal = new AbortController().signal, onProgress, ...others } = options
    return transport.dial(ma, {
      ...others,
      signal,
      upgrader: this._components.upgrader,
      // Each transport has events of its own: the caller hears of all.
      ...(onProgress === undefined ? {} : { onProgress: onProgress as (event: unknown) => void })
    })
  }

  getAddrs(): Multiaddr[] {
    return this.getListeners().flatMap(listener => listener.getAddrs())
  }

  getTransports(): Transport[] {
    return [...this._transports.values()]
  }

  getListeners(): Listener[] {
    return [...this._listeners.keys()]
  }

  dialTransportForMultiaddr(ma: Multiaddr): Transport | undefined {
    return this.getTransports().find(transport => transport.dialFilter([ma]).length > 0)
  }

  listenTransportForMultiaddr(ma: Multiaddr): Transport | undefined {
    return this.getTransports().find(transport => transport.listenFilter([ma]).length > 0)
  }

  /**
   * Listens on each address with the first transport that takes it. Throws `UnsupportedListenAddressesError`, which
   * names every address that failed, unless failures are tolerated. A machine without IPv6 is no failure: all IPv4
   * addresses can be listened on then, and no IPv6 one.
   */
  async listen(addrs: Multiaddr[]): Promise<void> {
    if (!this._started) throw new NotStartedError('the transport manager is not started')
    const results = await Promise.all(addrs.map(address => this._listenOn(address)))
    const failed = results.filter(result => result.error !== undefined)
    if (failed.length === 0) return
    for (const { address, error } of failed) this._log.error('could not listen on %a - %e', address, error)
    if (this._faultTolerance === FaultTolerance.NO_FATAL || lacksIp6(results)) return
    throw new UnsupportedListenAddressesError(new Map(failed.map(({ address, error }) => [address.toString(), error!])))
  }

  async remove(key: string): Promise<void> {
    this._transports.delete(key)
    await this._close(
      [...this._listeners].filter(([, { transport }]) => transport === key).map(([listener]) => listener)
    )
  }

  async removeAll(): Promise<void> {
    await Promise.all([...this._transports.keys()].map(key => this.remove(key)))
  }

  private async _listenOn(address: Multiaddr): Promise<ListenResult> {
    const transport = this.listenTransportForMultiaddr(address)
    if (transport === undefined) return { address, error: new UnsupportedListenAddressError(address.toString()) }
    const { events, upgrader } = this._components
    const listener = transport.createListener({ upgrader })
    this._listeners.set(listener, { transport: transport[Symbol.toStringTag] })
    listener.addEventListener('listening', () => events.safeDispatchEvent('transport:listening', { detail: listener }))
    listener.addEventListener('error', event => this._log.error('listener on %a - %e', address, event.detail))
    listener.addEventListener('close', () => {
      if (this._listeners.delete(listener)) events.safeDispatchEvent('transport:close', { detail: listener })
    })
    try {
      await listener.listen(address)
      return { address, error: undefined }
    } catch (cause) {
      this._listeners.delete(listener)
      return { address, error: cause instanceof Error ? cause : new Error(String(cause)) }
    }
  }

  private async _close(listeners: Listener[]): Promise<void> {
    const results = await Promise.allSettled(listeners.map(async listener => listener.close()))
    for (const listener of listeners) {
      // One that closes without telling.
      if (!this._listeners.delete(listener)) continue
      this._components.events.safeDispatchEvent('transport:close', { detail: listener })
    }
    for (const result of results) {
      if (result.status === 'rejected') this._log.error('could not close a listener - %e', result.reason)
    }
  }
}

interface ListenResult {
  address: Multiaddr
  error: Error | undefined
}

function lacksIp6(results: readonly ListenResult[]): boolean {
  const family = (type: string): ListenResult[] =>
    results.filter(({ address }) => tryGetNetConfig(address)?.type === type)
  const [ip4, ip6] = [family('ip4'), family('ip6')]
  return (
    ip4.length > 0 &&
    ip6.length > 0 &&
    ip6.every(({ error }) => error !== undefined && !isUnsupported(error)) &&
    results.every(result => result.error === undefined || ip6.includes(result))
  )
}

function isUnsupported(error: Error): boolean {
  return error.name === 'UnsupportedListenAddressError'
}
