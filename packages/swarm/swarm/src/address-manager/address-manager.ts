/** The node's own addresses: those of its listeners, those configured, those that peers report and those of routers. */
import type {
  ComponentLogger,
  Libp2pEvents,
  Logger,
  PeerId,
  PeerStore,
  Startable,
  TypedEventTarget
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { CODE_P2P, multiaddr, tryGetNetConfig } from '@weft/multiaddr'
import type { AddressManager, ConfirmAddressOptions, NodeAddress, TransportManager } from '../contracts.ts'
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
}

/** The component `addressManager`. */
export class DefaultAddressManager implements AddressManager, Startable {
  readonly #components: AddressManagerComponents
  readonly #log: Logger
  readonly #settings: AddressSettings
  readonly #observed: ObservedAddresses
  readonly #dnsMappings = new DnsMappings()
  readonly #ipMappings = new IpMappings()
  readonly #transportAddresses = new TransportAddresses()
  readonly #seen = new Map<string, true>()
  #started = false
  #updateTimer: ReturnType<typeof setTimeout> | undefined

  /** Throws `InvalidParametersError`, which names the option. */
  constructor(components: AddressManagerComponents, init: AddressManagerInit = {}) {
    this.#components = components
    this.#log = components.logger.forComponent('libp2p:address-manager')
    this.#settings = addressSettings(init)
    this.#observed = new ObservedAddresses(this.#settings.maxObservedAddresses)
    components.events.addEventListener('transport:listening', () => this.#scheduleUpdate())
    components.events.addEventListener('transport:close', () => this.#scheduleUpdate())
  }

  /** The name that it has in js-libp2p. */
  get [Symbol.toStringTag](): '@libp2p/address-manager' {
    return '@libp2p/address-manager'
  }

  start(): void {
    this.#started = true
    // A node without listeners has these addresses all the same.
    if (this.#settings.announce.length > 0 || this.#settings.appendAnnounce.length > 0) this.#scheduleUpdate()
  }

  stop(): void {
    this.#started = false
    clearTimeout(this.#updateTimer)
    this.#updateTimer = undefined
  }

  getListenAddrs(): Multiaddr[] {
    return [...this.#settings.listen]
  }

  getAnnounceAddrs(): Multiaddr[] {
    return [...this.#settings.announce]
  }

  /** What is configured to be announced as well. */
  getAppendAnnounceAddrs(): Multiaddr[] {
    return [...this.#settings.appendAnnounce]
  }

  getObservedAddrs(): Multiaddr[] {
    return this.#observed.getAll().map(({ multiaddr: ma }) => ma)
  }

  /** Ignores what has no IP address, is private, was reported before, or is a known mapping. */
  addObservedAddr(addr: Multiaddr): void {
    const config = tryGetNetConfig(addr)
    if (config === undefined || (config.type !== 'ip4' && config.type !== 'ip6')) return
    const socket = `${config.host}-${config.port}`
    if (this.#seen.has(socket)) return
    setBounded(this.#seen, socket, true, maxSeenAddresses)
    const ma = this.#withoutOwnId(addr)
    if (!this.#ipMappings.has(ma) && !this.#dnsMappings.has(ma)) this.#observed.add(ma)
  }

  confirmObservedAddr(addr: Multiaddr, options: ConfirmAddressOptions = {}): void {
    const ma = this.#withoutOwnId(addr)
    const { type, ttl = this.#settings.addressVerificationTTL } = options
    const before: boolean[] = []
    if (type === 'transport' || this.#transportAddresses.has(ma)) before.push(this.#transportAddresses.confirm(ma, ttl))
    if (type === 'dns-mapping' || this.#dnsMappings.has(ma)) before.push(this.#dnsMappings.confirm(ma, ttl))
    if (type === 'ip-mapping' || this.#ipMappings.has(ma)) before.push(this.#ipMappings.confirm(ma, ttl))
    if (type === 'observed' || this.#observed.has(ma)) before.push(this.#confirmObserved(ma, ttl))
    if (before.includes(false)) this.#scheduleUpdate()
  }

  removeObservedAddr(addr: Multiaddr): void {
    const ma = this.#withoutOwnId(addr)
    const retry = this.#settings.addressVerificationRetry
    const before = [
      this.#observed.remove(ma),
      this.#transportAddresses.unconfirm(ma, retry),
      this.#dnsMappings.unconfirm(ma, retry),
      this.#ipMappings.unconfirm(ma, retry)
    ]
    if (before.includes(true)) this.#scheduleUpdate()
  }

  getAddresses(): Multiaddr[] {
    const own = `/p2p/${this.#components.peerId.toString()}`
    const verified = new Map<string, Multiaddr>()
    for (const { multiaddr: ma, verified: isVerified } of this.getAddressesWithMetadata()) {
      if (!isVerified || this.#settings.noAnnounce.has(this.#withoutOwnId(ma).toString())) continue
      const full = ma.toString().endsWith(own) ? ma : ma.encapsulate(own)
      verified.set(full.toString(), full)
    }
    return this.#settings.announceFilter([...verified.values()])
  }

  getAddressesWithMetadata(): NodeAddress[] {
    if (this.#settings.announce.length > 0) return this.#announced(this.#settings.announce)
    const listened = this.#components.transportManager
      .getAddrs()
      .map(ma => this.#transportAddresses.get(ma, this.#settings.addressVerificationTTL))
    const direct = [...listened, ...this.#announced(this.#settings.appendAnnounce), ...this.#observed.getAll()]
    return this.#dnsMappings.apply([...direct, ...this.#ipMappings.getAll(direct)])
  }

  addDNSMapping(domain: string, ipAddresses: string[]): void {
    this.#dnsMappings.add(domain, ipAddresses)
  }

  removeDNSMapping(domain: string): void {
    if (this.#dnsMappings.remove(domain)) this.#scheduleUpdate()
  }

  addPublicAddressMapping(
    internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort: number = internalPort,
    protocol: 'tcp' | 'udp' = 'tcp'
  ): void {
    this.#ipMappings.add({ internalIp, internalPort, externalIp, externalPort, protocol })
    const family = externalIp.includes(':') ? 'ip6' : 'ip4'
    this.#observed.removePrefixed(`/${family}/${externalIp}/${protocol}/${externalPort}`)
  }

  removePublicAddressMapping(
    _internalIp: string,
    internalPort: number,
    externalIp: string,
    externalPort: number = internalPort,
    protocol: 'tcp' | 'udp' = 'tcp'
  ): void {
    if (this.#ipMappings.remove(externalIp, externalPort, protocol)) this.#scheduleUpdate()
  }

  #announced(addresses: readonly Multiaddr[]): NodeAddress[] {
    if (addresses.length === 0) return []
    // Transports put in what is known only at run time, such as hashes of certificates.
    const current = [...addresses]
    for (const listener of this.#components.transportManager.getListeners()) listener.updateAnnounceAddrs(current)
    const now = Date.now()
    const expires = now + this.#settings.addressVerificationTTL
    return current.map(ma => ({ multiaddr: ma, type: 'announce', verified: true, expires, lastVerified: now }))
  }

  /** A verified address that can only be a router's mapping to one listener becomes a mapping. */
  #confirmObserved(ma: Multiaddr, ttl: number): boolean {
    const mapping = this.#ipMappings.has(ma) ? undefined : portMappingOf(ma, this.#components.transportManager)
    if (mapping === undefined) return this.#observed.confirm(ma, ttl)
    this.#observed.remove(ma)
    this.#ipMappings.add(mapping)
    this.#ipMappings.confirm(ma, ttl)
    return false
  }

  #withoutOwnId(ma: Multiaddr): Multiaddr {
    const components = ma.getComponents()
    const last = components.at(-1)
    if (last?.code !== CODE_P2P || last.value !== this.#components.peerId.toString()) return ma
    return multiaddr(components.slice(0, -1))
  }

  #scheduleUpdate(): void {
    if (!this.#started || this.#updateTimer !== undefined) return
    this.#updateTimer = setTimeout(() => {
      this.#updateTimer = undefined
      this.#update().catch(error => this.#log.error('could not store the own addresses - %e', error))
    }, updateDelay)
  }

  /** The peer store dispatches `self:peer:update` if this changes anything. */
  async #update(): Promise<void> {
    const multiaddrs = this.getAddresses().map(ma => this.#withoutOwnId(ma))
    await this.#components.peerStore.patch(this.#components.peerId, { multiaddrs })
  }
}
