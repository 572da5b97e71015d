/** Answers requests of peers. */
import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import { TokenBuckets } from '@weft/collections'
import { IdleTimer, StreamMessages } from '@weft/interface-protocol'
import { toldAddressesOf } from '@weft/interface-node'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { readAddresses } from './addresses.ts'
import type { KadComponents } from './components.ts'
import { Contact, idOf, looksLikeId } from './contact.ts'
import { placeOf } from './core/key.ts'
import { maxMessageLength } from './core/limits.ts'
import {
  boundAddresses,
  fitReply,
  type KadMessage,
  kadMessage,
  type KadMessagePeer,
  messageTypes
} from './core/message.ts'
import { providerKeyOf } from './core/provider-key.ts'
import { RefusedRequestError } from './errors.ts'
import type { Extensions } from './extension.ts'
import type { Settings } from './options.ts'
import type { ProviderStore } from './provider-store.ts'
import type { Peers } from './peers.ts'

// Lookups of a busy peer ask some dozen times a second at most.
const requestsPerSecond = 200
const burst = 1000
const rememberedPeers = 4096

/** What the server stands on. */
export interface ServerParts {
  readonly components: KadComponents
  readonly settings: Settings
  readonly peers: Peers
  readonly providers: ProviderStore
  readonly extensions: Extensions
  readonly log: Logger
}

export class KadServer {
  private readonly _parts: ServerParts
  private readonly _rate = new TokenBuckets(rememberedPeers, requestsPerSecond, burst)

  constructor(parts: ServerParts) {
    this._parts = parts
  }

  /** Serves a stream until the peer ends it. Rejects with why it is to be reset: the protocol has no other error. */
  async serve(stream: Stream, connection: Connection): Promise<void> {
    const messages = new StreamMessages(stream, { maxMessageSize: maxMessageLength })
    const idle = new IdleTimer(stream, this._parts.settings.streamTimeout)
    try {
      for (;;) {
        const request = await messages.readAs(kadMessage)
        if (request === undefined) break
        idle.restart()
        const answer = await this.answer(request, connection)
        if (answer !== undefined) await messages.writeAs(kadMessage, fitReply(answer))
        idle.restart()
      }
      await stream.close()
    } finally {
      idle.stop()
    }
  }

  /** The answer; undefined where there is none. Rejects where the request is refused. */
  async answer(request: KadMessage, connection: Connection): Promise<KadMessage | undefined> {
    const from = connection.remotePeer
    const id = idOf(from.toMultihash().bytes)
    // Provider records have bounds of their own: they come by the hundred.
    if (request.type !== messageTypes.ADD_PROVIDER && !this._rate.take(id, performance.now())) {
      throw new RefusedRequestError('the peer asks too often')
    }
    this._parts.peers.seen(id)
    switch (request.type) {
      case messageTypes.FIND_NODE:
        return this._findNode(request, from)
      case messageTypes.GET_PROVIDERS:
        return this._getProviders(request, from)
      case messageTypes.ADD_PROVIDER:
        this._addProvider(request, connection, id)
        return undefined
      case messageTypes.PING:
        return { type: messageTypes.PING, closerPeers: [], providerPeers: [] }
      default: {
        const closerPeers = (key: Uint8Array): KadMessagePeer[] => this._closerPeers(key, from)
        return this._parts.extensions.handle(request, { from, closerPeers })
      }
    }
  }

  private async _findNode({ type, key }: KadMessage, from: PeerId): Promise<KadMessage> {
    if (key === undefined || key.byteLength === 0) throw new RefusedRequestError('FIND_NODE without a key')
    const { settings } = this._parts
    const closest = this._closest(key, from)
    const known = await this._knownPeer(key)
    if (known === undefined)
      return { type, closerPeers: closest.map(contact => contact.toMessage()), providerPeers: [] }
    const others = closest.filter(({ id }) => id !== known.id).slice(0, settings.k - 1)
    return { type, closerPeers: [known, ...others].map(contact => contact.toMessage()), providerPeers: [] }
  }

  private _getProviders({ type, key: asked }: KadMessage, from: PeerId): KadMessage {
    const key = providerKeyOf(asked)
    if (key === undefined) throw new RefusedRequestError('GET_PROVIDERS with a key that cannot be one')
    const providerPeers = this._parts.providers
      .of(key)
      .map(({ peer, addresses }) => ({ id: bytesOf(peer), addresses: [...addresses] }))
    return { type, key: asked, closerPeers: this._closerPeers(key, from), providerPeers }
  }

  private _addProvider({ key: told, providerPeers }: KadMessage, connection: Connection, id: string): void {
    const { components, providers, settings } = this._parts
    const key = providerKeyOf(told)
    if (key === undefined) throw new RefusedRequestError('ADD_PROVIDER with a key that cannot be one')
    const { remotePeer, remoteAddr } = connection
    const addresses = providerPeers.filter(peer => idOf(peer.id) === id).flatMap(peer => peer.addresses)
    const read = readAddresses(boundAddresses(addresses))
    const accepted = toldAddressesOf(components.addressManager).accept(read, { kind: 'connection', remoteAddr })
    const { multiaddrs } = settings.mapper({ id: remotePeer, multiaddrs: accepted })
    if (multiaddrs.length === 0) throw new RefusedRequestError('ADD_PROVIDER without an address of its sender')
    if (!providers.mayAdd(id)) throw new RefusedRequestError('the peer provides too much')
    providers.add(
      key,
      id,
      multiaddrs.map(address => address.bytes)
    )
  }

  private _closerPeers(key: Uint8Array, from: PeerId): KadMessagePeer[] {
    return this._closest(key, from).map(contact => contact.toMessage())
  }

  private _closest(key: Uint8Array, from: PeerId): Contact[] {
    const { peers, settings } = this._parts
    const asker = idOf(from.toMultihash().bytes)
    return peers.table.closest(placeOf(key), settings.k, ({ id }) => id !== asker)
  }

  /** The peer whose id is asked for, if this node knows where it is: also one that serves no DHT. */
  private async _knownPeer(key: Uint8Array): Promise<Contact | undefined> {
    if (!looksLikeId(key)) return undefined
    const { components, peers, settings } = this._parts
    const inTable = peers.table.get(idOf(key))
    if (inTable !== undefined) return inTable.peer
    if (idOf(key) === peers.selfId) return peers.self()
    let peerId: PeerId
    try {
      peerId = peerIdFromMultihashBytes(key)
      if (components.connectionManager.getConnections(peerId).length === 0) return undefined
      const { addresses } = await components.peerStore.get(peerId)
      const { multiaddrs } = settings.mapper({ id: peerId, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) })
      return multiaddrs.length === 0 ? undefined : new Contact(new Uint8Array(key), multiaddrs)
    } catch {
      return undefined
    }
  }
}

function bytesOf(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, character => character.charCodeAt(0))
}
