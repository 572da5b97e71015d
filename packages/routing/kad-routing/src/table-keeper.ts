/** Keeps the table: peers that come are asked before they get in, silent ones are asked again, regions are explored. */
import type { Logger, PeerId } from '@libp2p/interface'
import { raceSignal } from '@weft/interface-connection'
import type { KadClient } from './client.ts'
import type { KadComponents } from './components.ts'
import { Contact } from './contact.ts'
import { commonPrefix } from './core/key.ts'
import { kadRequest, messageTypes } from './core/message.ts'
import { keyInBucket, maxSearchedPrefix } from './core/random-key.ts'
import type { Lookups } from './lookups.ts'
import type { Settings } from './options.ts'
import type { Peers } from './peers.ts'

// Peers that are asked at once whether they are there, and that wait for it.
const maxChecks = 16
const maxWaiting = 256
/** Peers of the table that are asked in one round, and milliseconds between two. */
const maxDue = 8
const livenessRound = 60_000
/** Milliseconds from the first peer of the table to the first refresh: more come together. */
const firstRefresh = 1000
/** Below this many peers the table is refreshed in a minute, not in ten. */
const fewPeers = 4
/** Peers of the peer store that are asked when the table is empty. */
const maxRemembered = 20

/** What the keeper stands on. */
export interface KeeperParts {
  readonly components: KadComponents
  readonly settings: Settings
  readonly peers: Peers
  readonly client: KadClient
  readonly lookups: Lookups
  readonly log: Logger
  /** Called once a round: what is over is dropped. */
  readonly expire: () => Promise<void>
}

export class TableKeeper {
  private readonly _parts: KeeperParts
  private readonly _waiting = new Map<string, Contact>()
  private readonly _checking = new Set<string>()
  private _topology: string | undefined
  private _running: AbortController | undefined
  private _rounds: ReturnType<typeof setInterval> | undefined
  private _refreshTimer: ReturnType<typeof setTimeout> | undefined
  private _refreshing: Promise<void> | undefined

  constructor(parts: KeeperParts) {
    this._parts = parts
  }

  async start(): Promise<void> {
    const { components, settings, log } = this._parts
    this._running = new AbortController()
    this._topology = await components.registrar.register(settings.protocol, {
      notifyOnLimitedConnection: settings.limits.runOnLimitedConnection,
      onConnect: peerId => void this._onPeer(peerId).catch((error: Error) => log('%p is not used - %e', peerId, error)),
      onDisconnect: peerId => this._onGone(peerId)
    })
    this._rounds = setInterval(() => void this._round(), livenessRound)
    await this._recall()
  }

  stop(): void {
    this._running?.abort()
    this._running = undefined
    if (this._topology !== undefined) this._parts.components.registrar.unregister(this._topology)
    this._topology = undefined
    clearInterval(this._rounds)
    clearTimeout(this._refreshTimer)
    this._refreshTimer = undefined
    this._waiting.clear()
  }

  /** Looks for this node itself, and for a key of each bucket that nobody looked into lately; of all with `force`. */
  refresh(signal?: AbortSignal, force: boolean = true): Promise<void> {
    this._refreshing ??= this._refresh(force).finally(() => {
      this._refreshing = undefined
    })
    return signal === undefined ? this._refreshing : raceSignal(this._refreshing, signal)
  }

  private async _refresh(force: boolean): Promise<void> {
    const { lookups, peers, settings, components, log } = this._parts
    const running = this._running
    if (running === undefined) return
    const { signal } = running
    const self = components.peerId.toMultihash().bytes
    const explore = async (key: Uint8Array): Promise<void> => {
      try {
        await lookups.run(key, { request: kadRequest(messageTypes.FIND_NODE, key), signal })
      } catch (error) {
        if (!signal.aborted) log('a refresh failed - %e', error)
      }
    }
    await explore(self)
    // The lookup for itself has found everybody who is as close as its k closest; what is further away is explored one by one.
    const { place } = peers.self()
    const furthest = peers.table.closest(place, settings.k)[settings.k - 1]
    const explored = furthest === undefined ? 0 : Math.min(commonPrefix(place, furthest.place), maxSearchedPrefix)
    for (let prefix = 0; prefix < explored && !signal.aborted; prefix++) {
      const last = lookups.lastAt(prefix)
      if (!force && last !== undefined && performance.now() - last < settings.refreshInterval) continue
      lookups.noteBucket(prefix)
      await explore(keyInBucket(place, prefix, bytes => crypto.getRandomValues(bytes)))
    }
  }

  private _schedule(delay: number): void {
    clearTimeout(this._refreshTimer)
    this._refreshTimer = setTimeout(() => {
      void this.refresh(undefined, false).then(() => {
        if (this._running === undefined) return
        const { peers, settings } = this._parts
        // Spread, so that nodes which started together do not stay so.
        const interval = settings.refreshInterval * (0.9 + Math.random() * 0.2)
        this._schedule(peers.table.size < fewPeers ? Math.min(livenessRound, interval) : interval)
      })
    }, Math.ceil(delay))
  }

  /** Peers of earlier, and such as the user has stored. */
  private async _recall(): Promise<void> {
    const { components, settings, log } = this._parts
    try {
      const peers = await components.peerStore.all({
        filters: [({ id, protocols }) => protocols.includes(settings.protocol) && !id.equals(components.peerId)],
        limit: maxRemembered
      })
      for (const { id, addresses } of peers) {
        this._offer(
          new Contact(
            id,
            this._parts.peers.usable(
              id,
              addresses.map(({ multiaddr }) => multiaddr)
            )
          )
        )
      }
    } catch (error) {
      log.error('peers of earlier could not be read - %e', error)
    }
  }

  private async _onPeer(peerId: PeerId): Promise<void> {
    const { components, peers } = this._parts
    const { addresses } = await components.peerStore.get(peerId)
    const usable = peers.usable(
      peerId,
      addresses.map(({ multiaddr }) => multiaddr)
    )
    const contact = new Contact(peerId, usable)
    peers.dead.revive(contact.id)
    peers.left.set(
      contact.id,
      usable.length === 0 ? 'it has no address of a kind that is used here' : 'it is being asked'
    )
    // Whoever would only wait for a place is not asked: lookups bring enough of those.
    if (peers.table.hasRoomFor(contact)) this._offer(contact)
    else peers.left.delete(contact.id)
  }

  /** It left, or serves the protocol no more: the peer store says which. */
  private _onGone(peerId: PeerId): void {
    const { components, peers } = this._parts
    const { id } = new Contact(peerId, [])
    peers.left.delete(id)
    this._waiting.delete(id)
    // Who is connected still has taken the protocol away: it is a client now.
    if (components.connectionManager.getConnections(peerId).length > 0) peers.table.remove(id, performance.now())
  }

  /** Asks a peer whether it serves, before it gets into the table. */
  private _offer(contact: Contact): void {
    if (contact.multiaddrs.length === 0 || this._checking.has(contact.id)) return
    if (this._waiting.size >= maxWaiting) return
    this._waiting.set(contact.id, contact)
    this._next()
  }

  private _next(): void {
    for (const [id, contact] of this._waiting) {
      if (this._checking.size >= maxChecks || this._running === undefined) return
      this._waiting.delete(id)
      this._checking.add(id)
      void this._check(contact).finally(() => {
        this._checking.delete(id)
        this._next()
      })
    }
  }

  /** Never rejects. */
  private async _check(contact: Contact): Promise<void> {
    const { client, components, peers } = this._parts
    const signal = this._running?.signal
    if (signal === undefined) return
    peers.table.checking(contact.id, performance.now())
    try {
      const self = components.peerId.toMultihash().bytes
      await client.request(contact, kadRequest(messageTypes.FIND_NODE, self), signal)
      const before = peers.table.size
      peers.answered(contact)
      if (before === 0 && peers.table.size > 0) this._schedule(firstRefresh)
    } catch (error) {
      if (!signal.aborted) peers.failed(contact, error)
    }
  }

  private async _round(): Promise<void> {
    const { expire, log, peers, settings } = this._parts
    for (const { peer } of peers.table.due(performance.now(), settings.livenessInterval, maxDue)) this._offer(peer)
    if (peers.table.size === 0) await this._recall()
    await expire().catch((error: Error) => log.error('what is over could not be dropped - %e', error))
  }
}
