/**
 * The neighbours of a node: the adapter around `core/session.ts`, with the network, the timer and the node's addresses. One
 * serves discovery, routing and records of a node.
 */
import type { ComponentLogger, Libp2pEvents, Logger, PeerId, TypedEventTarget } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@weft/multiaddr'
import { networkFingerprintOf } from '@weft/interface-crypto-channel'
import { type AddressManager, toldAddressesOf } from '@weft/interface-node'
import { sha256 } from '@weft/multihash'
import { defaultNetwork } from '#network'
import type { PresentPeer } from './core/peer-table.ts'
import { defaultServiceTag, privateServiceTag, subServiceLabel } from './core/service-names.ts'
import { type Output, type Refusal, Session } from './core/session.ts'
import { isLoopback } from '@weft/multiaddr'
import type { MulticastSocket } from './network/multicast.ts'
import { groupsOf, type MulticastDNSInit } from './options.ts'
import { ownHost } from './own-host.ts'
import { randomId, randomLabel, randomUnit } from './random.ts'

/** What it needs of a node. */
export interface MulticastDNSComponents {
  /** The node's own id. */
  peerId: PeerId
  /** Makes its logger. */
  logger: ComponentLogger
  /** Own addresses. */
  addressManager: Pick<AddressManager, 'getAddresses'>
  /** Tell when the own addresses have changed. */
  events?: TypedEventTarget<Libp2pEvents> | undefined
  /** Whose network's fingerprint the service carries. */
  connectionProtector?: object | undefined
}

/** What was heard, and what became of it. */
export interface Heard {
  /** Milliseconds since 1970. */
  readonly at: number
  /** IP address of who told it. */
  readonly source: string
  /** `used`: the peer was announced. Otherwise why not. */
  readonly outcome: 'used' | Refusal
  /** The peer, or what was wrong. */
  readonly detail: string
}

/** What listeners are told. */
export interface NeighbourEvents {
  /** A peer was heard of; `news` says whether it or an address of it is new. */
  found?(peer: PresentPeer, news: 'new' | 'changed' | 'same'): void
  /** A peer is gone. */
  gone?(id: PeerId): void
}

/** Milliseconds between two looks at the interfaces of the machine. */
const linksInterval = 5000
/** What is kept of what was heard. */
const maxHeard = 128

const shared = new WeakMap<object, Map<string, Neighbourhood>>()

/**
 * The neighbourhood of a node for a service: the same one for all that ask with the same `serviceTag`, `port` and `ip`. What
 * else `init` says counts until it is started.
 */
export function neighbourhoodOf(components: MulticastDNSComponents, init: MulticastDNSInit = {}): Neighbourhood {
  const known = shared.get(components.addressManager) ?? new Map<string, Neighbourhood>()
  shared.set(components.addressManager, known)
  const key = [init.serviceTag, init.port, groupsOf(init.ip).group4, groupsOf(init.ip).group6].join(' ')
  const neighbourhood = known.get(key) ?? new Neighbourhood(components)
  known.set(key, neighbourhood)
  neighbourhood.configure(init)
  return neighbourhood
}

/** See `neighbourhoodOf`. */
export class Neighbourhood {
  private readonly _components: MulticastDNSComponents
  private readonly _log: Logger
  private readonly _listeners = new Set<NeighbourEvents>()
  private readonly _lookups = new Map<string, Set<(id: PeerId) => void>>()
  private readonly _published = new Map<string, number>()
  private readonly _onAddresses = (): void => this._announce()
  private _init: MulticastDNSInit = {}
  private _users = 0
  private _change: Promise<void> = Promise.resolve()
  private _session: Session | undefined
  private _socket: MulticastSocket | undefined
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _linksAt = 0
  private _heard: Heard[] = []

  constructor(components: MulticastDNSComponents) {
    this._components = components
    this._log = components.logger.forComponent('libp2p:mdns')
  }

  /** Options for the next start. Those that are not given are left as they are. */
  configure(init: MulticastDNSInit): void {
    const given = Object.entries(init).filter(([, value]) => value !== undefined)
    this._init = { ...this._init, ...Object.fromEntries(given) }
  }

  /** The service, with the fingerprint of a private network. */
  get service(): string {
    if (this._init.serviceTag !== undefined) return this._init.serviceTag
    const fingerprint = networkFingerprintOf(this._components.connectionProtector)
    return fingerprint === undefined ? defaultServiceTag : privateServiceTag(fingerprint)
  }

  /** Who is present. */
  get peers(): PresentPeer[] {
    return this._session?.peers.list() ?? []
  }

  /** What was heard last, and why it was or was not used. */
  get heard(): readonly Heard[] {
    return this._heard
  }

  /** A peer, if it is present. */
  peer(id: PeerId): PresentPeer | undefined {
    return this._session?.peers.get(id.toString())
  }

  /** Begins to listen, with the first of its users. */
  hold(): Promise<void> {
    return this._next(async () => {
      if (this._users === 0) await this._open()
      this._users++
    })
  }

  /** Says goodbye, with the last of its users. */
  release(): Promise<void> {
    return this._next(async () => {
      if (this._users === 0 || --this._users > 0) return
      await this._close()
    })
  }

  /** Tells of peers, until what is returned is called. */
  listen(listener: NeighbourEvents): () => void {
    this._listeners.add(listener)
    return () => void this._listeners.delete(listener)
  }

  /** Answers to a sub-service, until it is withdrawn as often. Returns false if there are too many. */
  publish(label: string): boolean {
    const count = this._published.get(label) ?? 0
    if (count === 0 && this._session?.publish(label) === false) return false
    this._published.set(label, count + 1)
    return true
  }

  /** Does so no more. */
  withdraw(label: string): void {
    const count = this._published.get(label) ?? 0
    if (count > 1) this._published.set(label, count - 1)
    if (count !== 1) return
    this._published.delete(label)
    if (this._session !== undefined) this._perform(this._session.unpublish(label))
  }

  /**
   * Calls back with each peer that answers to a sub-service, once each and perhaps at once, until what is returned is
   * called. Undefined where nothing can be asked: it is not started, or too many are asked for.
   */
  lookup(label: string, onPeer: (peer: PresentPeer) => void): (() => void) | undefined {
    const session = this._session
    if (session === undefined) return undefined
    const seen = new Set<string>()
    const listener = (id: PeerId): void => {
      const peer = session.peers.get(id.toString())
      if (peer === undefined || seen.has(id.toString())) return
      seen.add(id.toString())
      onPeer(peer)
    }
    const listeners = this._lookups.get(label) ?? new Set()
    listeners.add(listener)
    this._lookups.set(label, listeners)
    const end = (): void => {
      if (!listeners.delete(listener)) return
      session.endLookup(label)
      if (listeners.size === 0 && this._lookups.get(label) === listeners) this._lookups.delete(label)
    }
    const out = session.lookup(label, performance.now())
    if (out !== undefined) {
      this._perform(out)
      return end
    }
    listeners.delete(listener)
    if (listeners.size === 0) this._lookups.delete(label)
    return undefined
  }

  /** Asks all who they are, before it is time. */
  askSoon(): void {
    if (this._session === undefined) return
    this._session.askSoon(performance.now())
    this._tick()
  }

  private async _open(): Promise<void> {
    const {
      broadcast = true,
      interval = 10_000,
      peerName = randomLabel(32),
      earlyForm = false,
      port = 5353
    } = this._init
    const { addressManager, peerId, events } = this._components
    const session = new Session(
      {
        service: this.service,
        instance: peerName,
        interval,
        broadcast,
        early: earlyForm,
        self: peerId.toString(),
        random: randomUnit,
        randomId,
        host: addresses => ownHost(addressManager.getAddresses(), addresses),
        accept: (addresses, source) => this._accept(addresses, source)
      },
      performance.now()
    )
    const socket = await (this._init.network ?? defaultNetwork()).open(
      {
        port,
        ...groupsOf(this._init.ip),
        onProblem: error => this._log.error('multicast on port %d is not there for all - %e', port, error)
      },
      (packet, source) => {
        if (this._session !== session) return
        this._perform(session.receive(packet, source, performance.now()))
      }
    )
    this._session = session
    this._socket = socket
    for (const label of this._published.keys()) session.publish(label)
    this.publish(peerLabel(peerId))
    events?.addEventListener('self:peer:update', this._onAddresses)
    this._readLinks()
    if (session.wakeAt === Number.POSITIVE_INFINITY) this._log.error('there is no interface with multicast')
    this._arm()
  }

  private async _close(): Promise<void> {
    const [session, socket] = [this._session, this._socket]
    this.withdraw(peerLabel(this._components.peerId))
    this._components.events?.removeEventListener('self:peer:update', this._onAddresses)
    clearTimeout(this._timer)
    if (session !== undefined) this._perform(session.stop())
    clearTimeout(this._timer)
    this._session = undefined
    this._socket = undefined
    await socket?.close()
  }

  private _next(change: () => Promise<void>): Promise<void> {
    const done = this._change.then(change)
    this._change = done.catch(() => {})
    return done
  }

  /** What a neighbour may tell. What this machine tells itself may be of this machine. */
  private _accept(addresses: readonly Multiaddr[], source: string): Multiaddr[] {
    const rule = toldAddressesOf(this._components.addressManager as AddressManager)
    if (!isLoopback(source)) return rule.accept(addresses, { kind: 'mdns' })
    const remoteAddr = multiaddr(`/${source.includes(':') ? 'ip6' : 'ip4'}/${source}/udp/5353`)
    return rule.accept(addresses, { kind: 'connection', remoteAddr })
  }

  private _announce(): void {
    this._session?.announce(performance.now())
    this._arm()
  }

  private _readLinks(): void {
    const now = performance.now()
    this._linksAt = now + linksInterval
    if (this._socket !== undefined) this._session?.setLinks(this._socket.links(), now)
  }

  private _tick(): void {
    if (this._session === undefined) return
    const now = performance.now()
    if (now >= this._linksAt) this._readLinks()
    this._perform(this._session.tick(now))
  }

  private _arm(): void {
    clearTimeout(this._timer)
    if (this._session === undefined) return
    const at = Math.min(this._session.wakeAt, this._linksAt)
    this._timer = setTimeout(() => this._tick(), Math.max(0, Math.ceil(at - performance.now())))
  }

  private _perform(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.kind === 'send') this._socket?.send(output.link, output.packet)
      else if (output.kind === 'hit') this._hit(output.name, output.id)
      else this._tell(output)
    }
    this._arm()
  }

  private _hit(label: string, id: PeerId): void {
    for (const listener of this._lookups.get(label) ?? []) listener(id)
  }

  private _tell(output: Exclude<Output, { kind: 'send' | 'hit' }>): void {
    if (output.kind === 'refused') {
      this._note(output.source, output.why, output.detail)
      this._log.trace('%s was told by %s, not used: %s', output.detail, output.source, output.why)
    } else if (output.kind === 'gone') {
      this._log('%p is gone', output.id)
      for (const listener of this._listeners) listener.gone?.(output.id)
    } else {
      const { peer, news, source } = output
      if (news !== 'same') {
        this._note(source, 'used', peer.id.toString())
        this._log('found %p, told by %s', peer.id, source)
      }
      for (const listener of this._listeners) listener.found?.(peer, news)
    }
  }

  private _note(source: string, outcome: Heard['outcome'], detail: string): void {
    if (this._heard.length >= maxHeard) this._heard = this._heard.slice(-maxHeard / 2)
    this._heard.push({ at: Date.now(), source, outcome, detail })
  }
}

/** The sub-service of a peer: who knows its id finds it by one question. */
export function peerLabel(id: PeerId): string {
  return keyLabel(id.toMultihash().bytes)
}

/** The sub-service of a key. */
export function keyLabel(key: Uint8Array): string {
  return subServiceLabel(sha256.encode(key) as Uint8Array)
}
