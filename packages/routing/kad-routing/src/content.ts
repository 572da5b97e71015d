/** Provides contents, and finds who provides them. */
import type { Logger, PeerId, PeerInfo } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import { multiaddr } from '@weft/multiaddr'
import type { KadClient } from './client.ts'
import { Contact, idOf } from './contact.ts'
import { boundAddresses, type KadMessage, kadRequest, messageTypes } from './core/message.ts'
import { ProvideError } from './errors.ts'
import type { LookupOptions, LookupResult, Lookups } from './lookups.ts'
import type { Peers } from './peers.ts'
import type { ProviderStore } from './provider-store.ts'
import { EventTypes, type QueryEvent } from './query-events.ts'

/** What content routing stands on. */
export interface ContentParts {
  readonly client: KadClient
  readonly lookups: Lookups
  readonly peers: Peers
  readonly providers: ProviderStore
  readonly selfPeer: PeerId
  readonly log: Logger
  /** Why a lookup found nobody. */
  readonly whyEmpty: (result: LookupResult) => Error | undefined
}

/** How a query is run. */
export interface ContentQuery {
  /** When it fires, the query rejects with its reason. */
  signal?: AbortSignal | undefined
  /** Told of each step. */
  onEvent?: LookupOptions['onEvent']
}

/** How providers are looked for. */
export interface FindProvidersQuery extends ContentQuery {
  /** Providers after which the search ends. */
  count: number
  /** Told of each provider once. */
  onProviders: (providers: PeerInfo[], from: PeerId, path: QueryEvent['path']) => void
  /** Whether peers are asked. */
  useNetwork?: boolean
}

const noPath = { index: -1, queued: 0, running: 0, total: 0 }

export class Content {
  private readonly _parts: ContentParts

  constructor(parts: ContentParts) {
    this._parts = parts
  }

  /**
   * Tells the closest peers that this node provides a key. Rejects with `ProvideError` where none could be told, with the
   * reason as its cause, or where this node has no address that it may tell.
   */
  async provide(key: Uint8Array, { signal, onEvent }: ContentQuery = {}): Promise<LookupResult> {
    throwIfAborted(signal)
    const { lookups, client, peers, providers, whyEmpty } = this._parts
    const self = peers.self()
    if (self.multiaddrs.length === 0) {
      throw new ProvideError('this node has no address of a kind that this DHT tells: nobody could fetch from it')
    }
    const provider = self.toMessage()
    providers.add(key, self.id, provider.addresses)
    const found = await lookups.run(key, { request: kadRequest(messageTypes.FIND_NODE, key), signal, onEvent })
    const told: KadMessage = { ...kadRequest(messageTypes.ADD_PROVIDER, key), providerPeers: [provider] }
    const results = await Promise.allSettled(
      found.closest.map(contact => this._tell(client, contact, told, { signal, onEvent }))
    )
    throwIfAborted(signal)
    if (results.some(({ status }) => status === 'fulfilled')) return found
    const failed = results.flatMap(result => (result.status === 'rejected' ? [result.reason as Error] : []))
    const cause = whyEmpty(found) ?? (failed.length > 1 ? new AggregateError(failed) : failed[0])
    throw new ProvideError(`no peer was told: ${cause?.message ?? 'none was found'}`, { cause })
  }

  /** Tells of each provider once, until `count` were found or the closest peers have been asked. */
  async findProviders(key: Uint8Array, query: FindProvidersQuery): Promise<void> {
    const { signal, onEvent, count, onProviders } = query
    throwIfAborted(signal)
    const { lookups, peers, providers, selfPeer, whyEmpty } = this._parts
    const seen = new Set<string>()
    const take = (found: readonly Contact[]): PeerInfo[] =>
      found.flatMap(contact => {
        if (seen.size >= count || seen.has(contact.id) || !contact.isPeer) return []
        seen.add(contact.id)
        return [contact.info]
      })
    const own = take(providers.of(key).map(({ peer, addresses }) => contactOf(peer, addresses)))
    if (own.length > 0) onProviders(own, selfPeer, noPath)
    if (seen.size >= count || query.useNetwork === false) return
    const result = await lookups.run(key, {
      request: kadRequest(messageTypes.GET_PROVIDERS, key),
      signal,
      onEvent,
      onAnswer: (answer, from, _closer, path) => {
        const found = take(peers.read(answer.providerPeers, from, () => undefined))
        if (found.length > 0) onProviders(found, from.peerId, { ...noPath, index: path })
        return seen.size >= count
      }
    })
    const cause = seen.size === 0 ? whyEmpty(result) : undefined
    if (cause !== undefined) throw cause
  }

  private async _tell(client: KadClient, contact: Contact, message: KadMessage, options: ContentQuery): Promise<void> {
    const { signal, onEvent } = options
    const to = contact.peerId
    const names = { messageName: 'ADD_PROVIDER', messageType: 'ADD_PROVIDER' } as const
    onEvent?.({ type: EventTypes.SEND_QUERY, name: 'SEND_QUERY', to, ...names, path: noPath })
    try {
      await client.tell(contact, [message], signal)
    } catch (error) {
      if (signal?.aborted !== true) this._parts.peers.failed(contact, error, message.type)
      onEvent?.({ type: EventTypes.QUERY_ERROR, name: 'QUERY_ERROR', from: to, error: error as Error, path: noPath })
      throw error
    }
    const nobody = { closer: [], providers: [] }
    onEvent?.({ type: EventTypes.PEER_RESPONSE, name: 'PEER_RESPONSE', from: to, ...names, ...nobody, path: noPath })
  }
}

/** A provider of this node's own store: its addresses were read before they were kept. */
function contactOf(peer: string, addresses: readonly Uint8Array[]): Contact {
  const bytes = Uint8Array.from(peer, character => character.charCodeAt(0))
  return new Contact(
    bytes,
    boundAddresses(addresses).map(address => multiaddr(address))
  )
}

/** Whether an id is that of a contact, without making its peer id. */
export function isSame(contact: Contact, peer: PeerId): boolean {
  return contact.id === idOf(peer.toMultihash().bytes)
}
