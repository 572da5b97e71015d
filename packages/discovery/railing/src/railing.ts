/** The adapter: timer, node events, dials and the stored list around `core/rounds.ts`. */
import type {
  ComponentLogger,
  Libp2pEvents,
  Logger,
  PeerDiscovery,
  PeerDiscoveryEvents,
  PeerId,
  PeerStore,
  Startable,
  TypedEventTarget
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { AbortError, InvalidParametersError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { type ConnectionManager, serviceCapabilities } from '@weft/interface-node'
import { peerIdFromString } from '@weft/peer-id'
import type { Datastore } from 'interface-datastore'
import { Rounds } from './core/rounds.ts'
import { maxListLength, peerOf, type RailingInit, readEntry, readList, readNumber } from './options.ts'
import { forgetList, loadList, saveList } from './stored-list.ts'

/** What it needs of a node. */
export interface RailingComponents {
  /** Where addresses and tags are put. */
  peerStore: PeerStore
  /** Dials the peers. */
  connectionManager: Pick<ConnectionManager, 'getConnections' | 'openConnection' | 'clearBackoff'>
  /** Tell of connections that open and close. */
  events: TypedEventTarget<Libp2pEvents>
  /** Makes its logger. */
  logger: ComponentLogger
  /** Where a changed list is kept. */
  datastore: Datastore
}

/** A peer of the list, and what became of it. */
export interface RailingPeer {
  /** Who it is. */
  readonly id: PeerId
  /** Its addresses in the list. */
  readonly multiaddrs: Multiaddr[]
  /** `connected`; `dialing`; `failed`, with the error; `waiting` before the first attempt. */
  readonly status: 'waiting' | 'dialing' | 'connected' | 'failed'
  /** Why the last attempt failed. */
  readonly error?: Error
}

interface Entry {
  id: PeerId
  multiaddrs: Multiaddr[]
  dialing: boolean
  error: Error | undefined
}

/** Discovery by a list. Made by `railing()`. */
export class Railing extends EventEmitter<PeerDiscoveryEvents> implements PeerDiscovery, Startable {
  private readonly _components: RailingComponents
  private readonly _log: Logger
  private readonly _configured: readonly Multiaddr[]
  private readonly _useStored: boolean
  private readonly _tag: { name: string; value: number; ttl: number }
  private readonly _rounds: Rounds
  private readonly _onChange = (): void => this._update()
  private _entries = new Map<string, Entry>()
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _running: AbortController | undefined

  static {
    Object.defineProperties(this.prototype, {
      [peerDiscoverySymbol]: {
        get(this: Railing) {
          return this
        }
      },
      [serviceCapabilities]: { value: ['@libp2p/peer-discovery'] },
      [Symbol.toStringTag]: { value: '@weft/railing' }
    })
  }

  constructor(components: RailingComponents, init: RailingInit) {
    super()
    this._components = components
    this._log = components.logger.forComponent('libp2p:bootstrap')
    this._configured = readList(init.list)
    this._useStored = init.useStored ?? true
    this._tag = {
      name: init.tagName ?? 'bootstrap',
      value: readNumber('tagValue', init.tagValue, 50),
      ttl: readNumber('tagTTL', init.tagTTL, Number.POSITIVE_INFINITY)
    }
    this._rounds = new Rounds({
      timeout: readNumber('timeout', init.timeout, 1000),
      minConnections: readNumber('minConnections', init.minConnections, 1),
      minInterval: readNumber('minInterval', init.minInterval, 1000, 1),
      maxInterval: readNumber('maxInterval', init.maxInterval, 20_000, 1)
    })
    this._entries = group(this._configured)
  }

  /** The list as it is used now, and what became of each peer. */
  get peers(): RailingPeer[] {
    return Array.from(this._entries.values(), entry => {
      const { id, multiaddrs, error } = entry
      const status = this._statusOf(entry)
      return status === 'failed' && error !== undefined ? { id, multiaddrs, status, error } : { id, multiaddrs, status }
    })
  }

  /** Whether it announces peers. */
  isStarted(): boolean {
    return this._running !== undefined
  }

  async start(): Promise<void> {
    if (this._running !== undefined) return
    const running = new AbortController()
    this._running = running
    await this._load()
    // Stopped while the list was read.
    if (running.signal.aborted) return
    const { events, connectionManager } = this._components
    events.addEventListener('connection:open', this._onChange)
    events.addEventListener('connection:close', this._onChange)
    this._rounds.start(connectionManager.getConnections().length, performance.now())
    this._arm()
  }

  async stop(): Promise<void> {
    if (this._running === undefined) return
    this._running.abort(new AbortError('the node stops'))
    this._running = undefined
    this._components.events.removeEventListener('connection:open', this._onChange)
    this._components.events.removeEventListener('connection:close', this._onChange)
    this._rounds.stop()
    clearTimeout(this._timer)
  }

  /** Adds an address, for this run and the next ones. Throws `InvalidParametersError`. */
  async add(address: Multiaddr | string): Promise<void> {
    const text = readEntry(address.toString()).toString()
    const list = this._texts()
    if (list.includes(text)) return
    if (list.length >= maxListLength) throw new InvalidParametersError(`list: at most ${maxListLength} addresses`)
    await this._replace([...list, text])
  }

  /** Takes an address out of the list, or all of a peer, for this run and the next ones. */
  async remove(target: Multiaddr | PeerId | string): Promise<void> {
    const text = target.toString()
    await this._replace(this._texts().filter(entry => entry !== text && peerOf(readEntry(entry)) !== text))
  }

  /** Goes back to the configured list, for this run and the next ones. */
  async reset(): Promise<void> {
    await forgetList(this._components.datastore)
    this._setEntries(this._configured)
  }

  private async _replace(list: string[]): Promise<void> {
    await saveList(this._components.datastore, list)
    this._setEntries(list.map(readEntry))
  }

  private _texts(): string[] {
    return [...this._entries.values()].flatMap(({ multiaddrs }) => multiaddrs.map(String))
  }

  private _setEntries(list: readonly Multiaddr[]): void {
    const known = this._entries
    this._entries = group(list)
    for (const [peer, entry] of this._entries) {
      entry.dialing = known.get(peer)?.dialing ?? false
      entry.error = known.get(peer)?.error
    }
  }

  private async _load(): Promise<void> {
    if (!this._useStored) return
    try {
      const list = await loadList(this._components.datastore)
      if (list !== undefined) this._setEntries(list.slice(0, maxListLength).map(readEntry))
    } catch (error) {
      this._log.error('the stored list is not used - %e', error)
    }
  }

  private _update(): void {
    this._rounds.connections(this._components.connectionManager.getConnections().length, performance.now())
    this._arm()
  }

  private _arm(): void {
    clearTimeout(this._timer)
    const { wakeAt } = this._rounds
    if (wakeAt === Number.POSITIVE_INFINITY) return
    this._timer = setTimeout(() => this._tick(), Math.max(0, Math.ceil(wakeAt - performance.now())))
  }

  private _tick(): void {
    if (this._rounds.tick(performance.now())) for (const entry of this._entries.values()) void this._announce(entry)
    this._arm()
  }

  /** Never rejects. */
  private async _announce(entry: Entry): Promise<void> {
    const { connectionManager, peerStore } = this._components
    const signal = this._running?.signal
    if (signal === undefined || entry.dialing) return
    if (connectionManager.getConnections(entry.id).length > 0) return
    entry.dialing = true
    try {
      const { name, value, ttl } = this._tag
      const tag = ttl === Number.POSITIVE_INFINITY ? { value } : { value, ttl }
      await peerStore.merge(entry.id, { multiaddrs: entry.multiaddrs, tags: { [name]: tag } })
      this.safeDispatchEvent('peer', { detail: { id: entry.id, multiaddrs: entry.multiaddrs } })
      // The interval between rounds is the back-off of these peers: the node may have no others.
      connectionManager.clearBackoff?.(entry.id)
      await connectionManager.openConnection(entry.id, { signal })
      entry.error = undefined
    } catch (error) {
      entry.error = error as Error
      if (!signal.aborted) this._log.error('could not connect to %p - %e', entry.id, error)
    } finally {
      entry.dialing = false
    }
  }

  private _statusOf({ id, dialing, error }: Entry): RailingPeer['status'] {
    if (this._components.connectionManager.getConnections(id).length > 0) return 'connected'
    if (dialing) return 'dialing'
    return error === undefined ? 'waiting' : 'failed'
  }
}

/** Addresses by their peer: it is announced once, with all of them. */
function group(list: readonly Multiaddr[]): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const address of list) {
    const peer = peerOf(address)!
    const entry = entries.get(peer)
    if (entry === undefined) {
      entries.set(peer, { id: peerIdFromString(peer), multiaddrs: [address], dialing: false, error: undefined })
    } else if (!entry.multiaddrs.some(other => other.equals(address))) entry.multiaddrs.push(address)
  }
  return entries
}
