/** The service: its life and its mode, and the operations that callers see, in the form of js-libp2p's kad-dht. */
import type { AbortOptions, Connection, PeerId, PeerInfo, Startable, Stream } from '@libp2p/interface'
import { NotFoundError, NotStartedError, throwIfAborted } from '@weft/errors'
import { contentRoutingSymbol, peerRoutingSymbol, type TableFill } from '@weft/interface-peer-routing'
import { linkSignals, progress, serviceCapabilities, serviceDependencies } from '@weft/interface-node'
import type { CID } from 'multiformats/cid'
import { isPubliclyDialable } from './addresses.ts'
import { KadClient } from './client.ts'
import type { KadComponents } from './components.ts'
import { Contact } from './contact.ts'
import { Content, isSame } from './content.ts'
import { type KadMessage, kadRequest, messageTypes } from './core/message.ts'
import { providerKeyOf } from './core/provider-key.ts'
import { type KadExtension, Extensions } from './extension.ts'
import { type LookupOptions, type LookupResult, Lookups, whyEmpty } from './lookups.ts'
import type { Settings } from './options.ts'
import { Peers } from './peers.ts'
import { ProviderStore } from './provider-store.ts'
import { EventTypes, eventsOf, progressNameOf, type QueryEvent, type QueryOptions } from './query-events.ts'
import { type KadContentRouting, type KadPeerRouting, routersOf } from './routers.ts'
import { KadServer } from './server.ts'
import { TableKeeper } from './table-keeper.ts'

/** Whether a node answers requests of others. */
export type KadMode = 'client' | 'server'

type Emit = (event: QueryEvent) => void

/** Kademlia as a service of a node. Made by `kadRouting()`. */
export class KadRouting implements Startable {
  /** Closest peers of a lookup, and peers of a bucket. */
  readonly k: number
  /** Peers that a lookup asks at once. */
  readonly a: number
  /** Disjoint paths of a lookup. */
  readonly d: number
  /** The name of its protocol. */
  readonly protocol: string
  private readonly _components: KadComponents
  private readonly _settings: Settings
  private readonly _peers: Peers
  private readonly _client: KadClient
  private readonly _lookups: Lookups
  private readonly _providers: ProviderStore
  private readonly _extensions = new Extensions()
  private readonly _server: KadServer
  private readonly _keeper: TableKeeper
  private readonly _content: Content
  private readonly _contentRouting: KadContentRouting
  private readonly _peerRouting: KadPeerRouting
  private _mode: KadMode
  private _chosenMode: KadMode | undefined
  private _started = false
  private _handled = false
  private _change: Promise<void> = Promise.resolve()

  constructor(components: KadComponents, settings: Settings) {
    const log = components.logger.forComponent(settings.logPrefix)
    this._components = components
    this._settings = settings
    this.k = settings.k
    this.a = settings.alpha
    this.d = settings.paths
    this.protocol = settings.protocol
    this._mode = settings.clientMode === false ? 'server' : 'client'
    this._peers = new Peers(components, settings)
    this._client = new KadClient(components, settings)
    this._lookups = new Lookups(this._client, this._peers, settings)
    this._providers = new ProviderStore(components.datastore, settings, log)
    const shared = { components, settings, log, peers: this._peers, client: this._client, lookups: this._lookups }
    this._server = new KadServer({ ...shared, providers: this._providers, extensions: this._extensions })
    this._keeper = new TableKeeper({ ...shared, expire: () => this._expire() })
    this._content = new Content({
      ...shared,
      providers: this._providers,
      selfPeer: components.peerId,
      whyEmpty: result => this._whyEmpty(result)
    })
    const { peerRouting, contentRouting } = routersOf(this)
    this._peerRouting = peerRouting
    this._contentRouting = contentRouting
  }

  static {
    Object.defineProperties(this.prototype, {
      [contentRoutingSymbol]: {
        get(this: KadRouting) {
          return this._contentRouting
        }
      },
      [peerRoutingSymbol]: {
        get(this: KadRouting) {
          return this._peerRouting
        }
      },
      [serviceCapabilities]: { value: ['@libp2p/kad-dht', '@libp2p/peer-routing', '@libp2p/content-routing'] },
      [serviceDependencies]: { value: ['@libp2p/identify'] },
      [Symbol.toStringTag]: { value: '@weft/kad-routing' }
    })
  }

  /** Peers of its table. */
  get routingTable(): { readonly size: number } {
    return this._peers.table
  }

  /** How full its table is: what `peerRouting` tells of it. */
  tableFill(): TableFill {
    return this._peers.table.fill()
  }

  /** Whether it runs. */
  isStarted(): boolean {
    return this._started
  }

  /** Rejects where the protocol is handled already. */
  start(): Promise<void> {
    return this._next(async () => {
      if (this._started) return
      await this._providers.load()
      this._started = true
      this._components.events.addEventListener('self:peer:update', this._onSelfUpdate)
      try {
        this._mode = this._wantedMode()
        await this._applyMode()
        await this._keeper.start()
      } catch (error) {
        await this._end().catch(() => {})
        throw error
      }
    })
  }

  stop(): Promise<void> {
    return this._next(async () => {
      if (this._started) await this._end()
    })
  }

  /** Whether it answers requests of others. */
  getMode(): KadMode {
    return this._mode
  }

  /**
   * Answers from now on, or no more, whatever the node's reachability. Connected peers are told by identify push. Rejects where the
   * protocol is handled already.
   */
  setMode(mode: KadMode, options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    this._chosenMode = mode
    return this._next(() => this._switchTo(mode))
  }

  /** Explores all regions of the table. */
  async refreshRoutingTable({ signal }: AbortOptions = {}): Promise<void> {
    throwIfAborted(signal)
    await this._keeper.refresh(signal)
  }

  /**
   * Answers more types of messages, and drops what is over from time to time: what kad-record-store is made of. Throws
   * `TypeError` where a type is taken. Returns what takes the extension away.
   */
  extend(extension: KadExtension): () => void {
    const remove = this._extensions.add(extension)
    const { values } = extension
    if (values === undefined) return remove
    // Routers of a node are asked for what they have: without values there is neither.
    this._contentRouting.put = values.put.bind(values)
    this._contentRouting.get = values.get.bind(values)
    return () => {
      remove()
      delete this._contentRouting.put
      delete this._contentRouting.get
    }
  }

  /**
   * Asks the way to a key, each peer the same: what other operations are made of. Rejects with `TimeoutError`, the signal's
   * reason, or what `onAnswer` throws.
   */
  async lookup(key: Uint8Array, options: LookupOptions): Promise<LookupResult> {
    this._checkStarted()
    throwIfAborted(options.signal)
    return this._lookups.run(key, options)
  }

  /** The answer of one peer of a lookup. Rejects with `TimeoutError`, the signal's reason, or why it did not answer. */
  async request(contact: Contact, message: KadMessage, { signal }: AbortOptions = {}): Promise<KadMessage> {
    this._checkStarted()
    try {
      const answer = await this._client.request(contact, message, signal)
      this._peers.answered(contact)
      return answer
    } catch (error) {
      if (signal?.aborted !== true) this._peers.failed(contact, error, message.type)
      throw error
    }
  }

  /** Why a lookup found nobody, as a typed error; undefined where somebody answered. */
  whyEmpty(result: Pick<LookupResult, 'end' | 'asked'>): Error | undefined {
    return this._whyEmpty(result)
  }

  /** Looks for a peer. Its last event is `FINAL_PEER` where it was found; throws `NotFoundError` where it was not. */
  findPeer(id: PeerId, options: QueryOptions = {}): AsyncGenerator<QueryEvent> {
    return this._query(options, async (emit, signal, onEvent) => {
      const found = (peer: PeerInfo, from: PeerId, path: QueryEvent['path']): void =>
        emit({ type: EventTypes.FINAL_PEER, name: 'FINAL_PEER', from, peer, path })
      const self = this._components.peerId
      const known = await this._knownPeer(id)
      if (known !== undefined) {
        found(known, self, { index: -1, queued: 0, running: 0, total: 0 })
        return
      }
      if (options.useNetwork === false) throw new NotFoundError(`${id.toString()} is not known here`)
      const key = id.toMultihash().bytes
      const result = await this._lookups.run(key, {
        request: kadRequest(messageTypes.FIND_NODE, key),
        signal,
        onEvent,
        onAnswer: (_answer, from, closer, path) => {
          const peer = closer.find(contact => isSame(contact, id) && contact.multiaddrs.length > 0)
          if (peer === undefined) return false
          found(peer.info, from.peerId, { index: path, queued: 0, running: 0, total: 0 })
          return true
        }
      })
      if (result.end === 'found') return
      const cause = this._whyEmpty(result)
      const why = cause === undefined ? `none of ${result.asked} peers knows it` : cause.message
      throw new NotFoundError(`${id.toString()} was not found: ${why}`, { cause })
    })
  }

  /** Looks for the peers closest to a key, each of which is a `FINAL_PEER`. Throws `EmptyLookupError` where nobody answers. */
  getClosestPeers(key: Uint8Array, options: QueryOptions = {}): AsyncGenerator<QueryEvent> {
    return this._query(options, async (emit, signal, onEvent) => {
      const request = kadRequest(messageTypes.FIND_NODE, key)
      const result = await this._lookups.run(key, { request, signal, onEvent })
      const empty = this._whyEmpty(result)
      if (empty !== undefined) throw empty
      for (const { info, peerId } of result.closest) {
        const path = { index: -1, queued: 0, running: 0, total: 0 }
        emit({ type: EventTypes.FINAL_PEER, name: 'FINAL_PEER', from: peerId, peer: info, path })
      }
    })
  }

  /** Looks for providers of a content: `PROVIDER` events, each provider once. Throws `EmptyLookupError` where nobody answers. */
  findProviders(cid: CID, options: QueryOptions & { count?: number } = {}): AsyncGenerator<QueryEvent> {
    return this._query(options, (emit, signal, onEvent) =>
      this._content.findProviders(keyOf(cid), {
        signal,
        count: options.count ?? this.k,
        ...(options.useNetwork !== undefined && { useNetwork: options.useNetwork }),
        onEvent,
        onProviders: (providers, from, path) =>
          emit({ type: EventTypes.PROVIDER, name: 'PROVIDER', from, providers, path })
      })
    )
  }

  /** Tells the closest peers that this node provides a content. Throws `ProvideError` where none could be told. */
  provide(cid: CID, options: QueryOptions = {}): AsyncGenerator<QueryEvent> {
    return this._query(options, async (_emit, signal, onEvent) => {
      await this._content.provide(keyOf(cid), { signal, onEvent })
    })
  }

  /** Provides a content no more once its records are over. */
  async cancelReprovide(cid: CID, { signal }: AbortOptions = {}): Promise<void> {
    throwIfAborted(signal)
    this._providers.delete(keyOf(cid), this._peers.selfId)
  }

  private _query(
    options: QueryOptions,
    work: (emit: Emit, signal: AbortSignal, onEvent: Emit | undefined) => Promise<void>
  ): AsyncGenerator<QueryEvent> {
    return eventsOf<QueryEvent>(async (give, left) => {
      this._checkStarted()
      throwIfAborted(options.signal)
      const signal = linkSignals([options.signal, left])
      const emit = (event: QueryEvent): void => {
        progress(options, progressNameOf(event), event)
        give(event)
      }
      const isToldSteps = options.steps !== false || options.onProgress !== undefined
      try {
        await work(emit, signal, isToldSteps ? emit : undefined)
      } finally {
        signal.clear()
      }
    })
  }

  private async _knownPeer(id: PeerId): Promise<PeerInfo | undefined> {
    const inTable = this._peers.table.get(new Contact(id, []).id)?.peer
    if (inTable !== undefined) return inTable.info
    if (this._components.connectionManager.getConnections(id).length === 0) return undefined
    const peer = await this._components.peerStore.get(id).catch(() => undefined)
    const multiaddrs = this._peers.usable(id, peer?.addresses.map(({ multiaddr }) => multiaddr) ?? [])
    return multiaddrs.length === 0 ? undefined : { id, multiaddrs }
  }

  private _whyEmpty(result: Pick<LookupResult, 'end' | 'asked'>): Error | undefined {
    return whyEmpty(result, this._peers, this.protocol, this._mode)
  }

  private _checkStarted(): void {
    if (!this._started) throw new NotStartedError('kad-dht is not started')
  }

  private async _expire(): Promise<void> {
    const now = Date.now()
    this._providers.expire(now)
    await this._extensions.expire(now)
  }

  private readonly _onSelfUpdate = (): void => {
    void this._next(() => this._switchTo(this._wantedMode())).catch(() => {})
  }

  private _wantedMode(): KadMode {
    if (this._chosenMode !== undefined) return this._chosenMode
    const { clientMode } = this._settings
    if (clientMode !== undefined) return clientMode ? 'client' : 'server'
    return this._components.addressManager.getAddresses().some(isPubliclyDialable) ? 'server' : 'client'
  }

  private async _switchTo(mode: KadMode): Promise<void> {
    if (mode === this._mode) return
    this._mode = mode
    if (this._started) await this._applyMode()
  }

  /** What is handled changes what identify tells, and identify push tells it on. */
  private async _applyMode(): Promise<void> {
    const serves = this._mode === 'server'
    if (serves === this._handled) return
    const { registrar } = this._components
    if (serves) await registrar.handle(this.protocol, this._serve, this._settings.limits)
    else await registrar.unhandle(this.protocol)
    this._handled = serves
  }

  private readonly _serve = async (stream: Stream, connection: Connection): Promise<void> => {
    try {
      await this._server.serve(stream, connection)
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  private async _end(): Promise<void> {
    this._started = false
    this._components.events.removeEventListener('self:peer:update', this._onSelfUpdate)
    this._keeper.stop()
    this._client.stop()
    if (this._handled) await this._components.registrar.unhandle(this.protocol)
    this._handled = false
    await this._providers.flush()
  }

  private _next(change: () => Promise<void>): Promise<void> {
    const done = this._change.then(change)
    this._change = done.catch(() => {})
    return done
  }
}

/** The key of a content: its multihash. */
function keyOf(cid: CID): Uint8Array {
  return providerKeyOf(cid.multihash.bytes) ?? cid.multihash.bytes
}
