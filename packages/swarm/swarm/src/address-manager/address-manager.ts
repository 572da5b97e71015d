/** The node's own addresses: those of its listeners, those configured, those that peers report and those of routers. */
import type {
  ComponentLogger,
  Libp2pEvents,
  Metrics,
  Logger,
  PeerId,
  PeerStore,
  Startable,
  TypedEventTarget
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  type AddressManager,
  type ConfirmAddressOptions,
  type NodeAddress,
  ToldAddressFilter,
  toldAddressesSymbol,
  type TransportManager
} from '@weft/interface-node'
import { CODE_P2P, multiaddr, tryGetNetConfig } from '@weft/multiaddr'
import { DnsMappings } from './dns-mappings.ts'
import { IpMappings } from './ip-mappings.ts'
import { ObservedAddresses } from './observed-addresses.ts'
import { type AddressManagerInit, type AddressSettings, addressSettings } from './options.ts'
import { portMappingOf } from './port-mapping.ts'
import { TransportAddresses } from './transport-addresses.ts'
import { setBounded } from './verification.ts'

// Several listeners report within a few ms of one another; one update tells of all, and peers hear of it soon.
const updateDelay = 100
// What peers reported once and was thrown away is not looked at again, for as long as this many are remembered.
const maxSeenAddresses = 1024

export interface AddressManagerComponents {
  peerId: PeerId
  transportManager: TransportManager
  peerStore: PeerStore
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
}

/** The component `addressManager`. */
export class DefaultAddressManager implements AddressManager, Startable {
  private readonly _components: AddressManagerComponents
  private readonly _log: Logger
  private readonly _settings: AddressSettings
  private readonly _noAnnounce: ReadonlySet<string>
  private readonly _told: ToldAddressFilter
  private readonly _observed: ObservedAddresses
  private readonly _dnsMappings = new DnsMappings()
  private readonly _ipMappings = new IpMappings()
  private readonly _transportAddresses = new TransportAddresses()
  private readonly _seen = new Map<string, true>()
  private _started = false
  private _updateTimer: ReturnType<typeof setTimeout> | undefined

  /** Throws `InvalidParametersError`, which names the option. */
  constructor(components: AddressManagerComponents, init: AddressManagerInit = {}) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:address-manager')
    this._settings = addressSettings(init)
    this._noAnnounce = new Set(this._settings.noAnnounce.map(ma => this._withoutOwnId(ma).toString()))
    this._told = new ToldAddressFilter(this, this._settings.acceptPrivate)
    this._observed = new ObservedAddresses(this._settings.maxObservedAddresses)
    this._measure(components.metrics)
    components.events.addEventListener('transport:listening', () => this._scheduleUpdate())
    components.events.addEventListener('transport:close', () => this._scheduleUpdate())
  }

  private _measure(metrics: Metrics | undefined): void {
    const counted = {
      dns_mappings: this._dnsMappings,
      ip_mappings: this._ipMappings,
      observed_addresses: this._observed,
      transport_addresses: this._transportAddresses
    }
    for (const [name, kept] of Object.entries(counted)) {
      metrics?.registerMetric(`libp2p_address_manager_${name}`, { calculate: () => kept.size })
    }
  }

  static {
    Object.defineProperty(this.prototype, toldAddressesSymbol, {
      get(this: DefaultAddressManager) {
        return this._told
      }
    })
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/address-manager' {
    return '@libp2p/address-manager'
  }

  start(): void {
    this._started = true
    // A node without listeners has these addresses all the same.
    if (this._settings.announce.length > 0 || this._settings.appendAnnounce.length > 0) this._scheduleUpdate()
  }

  stop(): void {
    this._started = false
    clearTimeout(this._updateTimer)
    this._updateTimer = undefined
  }

  getListenAddrs(): Multiaddr[] {
    return [...this._settings.listen]
  }

  getAnnounceAddrs(): Multiaddr[] {
    return [...this._settings.announce]
  }

  /** What is configured to be announced as well. */
  getAppendAnnounceAddrs(): Multiaddr[] {
    return [...this._settings.appendAnnounce]
  }

  getObservedAddrs(): Multiaddr[] {
    return this._observed.getAll().map(({ multiaddr: ma }) => ma)
  }

  /** Ignores what has no IP address, is private, was reported before, or is a known mapping. */
  addObservedAddr(addr: Multiaddr): void {
    const config = tryGetNetConfig(addr)
    if (config === undefined || (config.type !== 'ip4' && config.type !== 'ip6')) return
    const socket = `${config.host}-${config.port}`
    if (this._seen.has(socket)) return
    setBounded(this._seen, socket, true, maxSeenAddresses)
    const ma = this._withoutOwnId(addr)
    if (!this._ipMappings.has(ma) && !this._dnsMappings.has(ma)) this._observed.add(ma)
  }

  confirmObservedAddr(addr: Multiaddr, options: ConfirmAddressOptions = {}): void {
    const ma = this._withoutOwnId(addr)
    const { type, ttl = this._settings.addressVerificationTTL } = options
    // Addresses of listeners are known from the first time that they are listed.
    this.getAddressesWithMetadata()
    const before: boolean[] = []
    if (type === 'transport' || this._transportAddresses.has(ma)) before.push(this._transportAddresses.confirm(ma, ttl))
    if (type === 'dns-mapping' || this._dnsMappings.has(ma)) before.push(this._dnsMappings.confirm(ma, ttl))
    if (type === 'ip-mapping' || this._ipMappings.has(ma)) before.push(this._ipMappings.confirm(ma, ttl))
    if (type === 'observed' || this._observed.has(ma)) before.push(this._confirmObserved(ma, ttl))
    if (before.includes(false)) this._scheduleUpdate()
  }

  removeObservedAddr(addr: Multiaddr): void {
    const ma = this._withoutOwnId(addr)
    const retry = this._settings.addressVerificationRetry
    const before = [
      this._observed.remove(ma),
      this._transportAddresses.unconfirm(ma, retry),
      this._dnsMappings.unconfirm(ma, retry),
      this._ipMappings.unconfirm(ma, retry)
    ]
    if (before.includes(true)) this._scheduleUpdate()
  }

  getAddresses(): Multiaddr[] {
    const own = `/p2p/${this._components.peerId.toString()}`
    const verified = new Map<string, Multiaddr>()
    for (const { multiaddr: ma, verified: isVerified } of this.getAddressesWithMetadata()) {
      if (!isVerified || this._noAnnounce.has(this._withoutOwnId(ma).toString())) continue
      const full = ma.toString().endsWith(own) ? ma : ma.encapsulate(own)
      verified.set(full.toString(), full)
    }
    return this._settings.announceFilter([...verified.values()])
  }

  getAddressesWithMetadata(): NodeAddress[] {
    if (this._settings.announce.length > 0) return this._announced(this._settings.announce)
    const listened = this._components.transportManager
      .getAddrs()
      .map(ma => this._transportAddresses.get(ma, this._settings.addressVerificationTTL))
    const direct = [...listened, ...this._announced(this._settings.appendAnnounce), ...this._observed.getAll()]
    return this._dnsMappings.apply([...direct, ...this._ipMappings.getAll(direct)])
  }

  addDNSMapping(domain: string, ipAddresses: string[]): void {
    this._dnsMappings.add(domain, ipAddresses)
  }

  removeDNSMapping(domain: string): void {
    if (this._dnsMappings.remove(domain)) this._scheduleUpdate()
  }

  addPublicAddressMapping(
    internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort: number = internalPort,
    protocol: 'tcp' | 'udp' = 'tcp'
  ): void {
    this._ipMappings.add({ internalIp, internalPort, externalIp, externalPort, protocol })
    const family = externalIp.includes(':') ? 'ip6' : 'ip4'
    this._observed.removePrefixed(`/${family}/${externalIp}/${protocol}/${externalPort}`)
  }

  removePublicAddressMapping(
    _internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort: number = internalPort,
    protocol: 'tcp' | 'udp' = 'tcp'
  ): void {
    if (this._ipMappings.remove(externalIp, externalPort, protocol)) this._scheduleUpdate()
  }

  private _announced(addresses: readonly Multiaddr[]): NodeAddress[] {
    if (addresses.length === 0) return []
    // Transports put in what is known only at run time, such as hashes of certificates.
    const current = [...addresses]
    for (const listener of this._components.transportManager.getListeners()) listener.updateAnnounceAddrs(current)
    const now = Date.now()
    const expires = now + this._settings.addressVerificationTTL
    return current.map(ma => ({ multiaddr: ma, type: 'announce', verified: true, expires, lastVerified: now }))
  }

  /** A verified address that can only be a router's mapping to one listener becomes a mapping. */
  private _confirmObserved(ma: Multiaddr, ttl: number): boolean {
    const mapping = this._ipMappings.has(ma) ? undefined : portMappingOf(ma, this._components.transportManager)
    if (mapping === undefined) return this._observed.confirm(ma, ttl)
    this._observed.remove(ma)
    this._ipMappings.add(mapping)
    this._ipMappings.confirm(ma, ttl)
    return false
  }

  private _withoutOwnId(ma: Multiaddr): Multiaddr {
    const components = ma.getComponents()
    const last = components.at(-1)
    if (last?.code !== CODE_P2P || last.value !== this._components.peerId.toString()) return ma
    return multiaddr(components.slice(0, -1))
  }

  private _scheduleUpdate(): void {
    if (!this._started || this._updateTimer !== undefined) return
    this._updateTimer = setTimeout(() => {
      this._updateTimer = undefined
      this._update().catch(error => this._log.error('could not store the own addresses - %e', error))
    }, updateDelay)
  }

  /** The peer store dispatches `self:peer:update` if this changes anything. */
  private async _update(): Promise<void> {
    const multiaddrs = this.getAddresses().map(ma => this._withoutOwnId(ma))
    await this._components.peerStore.patch(this._components.peerId, { multiaddrs })
  }
}
