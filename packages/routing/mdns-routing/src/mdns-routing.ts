import type { ContentRouting, PeerId, PeerInfo, PeerRouting, Provider, RoutingOptions, Stream } from '@libp2p/interface'
import { toHex } from '@weft/bytes'
import { InvalidParametersError, NotFoundError, NotStartedError, throwIfAborted } from '@weft/errors'
import { contentRoutingSymbol, peerRoutingSymbol } from '@weft/interface-peer-routing'
import { answerRequests, ask, openStream, ProtocolService, withStream } from '@weft/interface-protocol'
import {
  askNeighbours,
  keyLabel,
  type Neighbourhood,
  neighbourhoodOf,
  peerLabel,
  type PresentPeer
} from '@weft/mdns-discovery/neighbourhood'
import { encapsulatePeer } from '@weft/multiaddr'
import { sha256 } from '@weft/multihash'
import type { CID } from 'multiformats/cid'
import { closest } from './core/closest.ts'
import { maxKeyLength, maxMessageSize, PROVIDERS_PROTOCOL, providersAnswer, providersRequest } from './core/messages.ts'
import {
  checkInit,
  type MulticastRoutingComponents,
  type MulticastRoutingInit,
  type Settings,
  settingsOf
} from './options.ts'

/** What the service offers: a peer router, and the part of a content router that finds who has content. */
export interface MulticastRouting
  extends Pick<ContentRouting, 'provide' | 'cancelReprovide' | 'findProviders'>,
    PeerRouting {}

/** Peers that `getClosestPeers` gives, as kad-dht. */
const closestCount = 20
/** The name of this router in what it finds. */
const routingName = 'mdns'
const format = { request: providersRequest, answer: providersAnswer, maxMessageSize }

/**
 * Makes the service for `services`: peers and providers of the local network, without a DHT. Throws
 * `InvalidParametersError`, which names the option, when it is called.
 */
export function mdnsRouting(
  init: MulticastRoutingInit = {}
): (components: MulticastRoutingComponents) => MulticastRouting {
  const tellNotices = checkInit(init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new MulticastRoutingService(components, settings)
  }
}

class MulticastRoutingService extends ProtocolService<MulticastRoutingComponents> implements MulticastRouting {
  private readonly _neighbours: Neighbourhood
  private readonly _settings: Settings
  /** Keys that are provided, in hex, with their names. */
  private readonly _provided = new Map<string, string>()

  constructor(components: MulticastRoutingComponents, settings: Settings) {
    super(components, {
      name: '@weft/mdns-routing',
      capabilities: ['@libp2p/peer-routing', '@libp2p/content-routing'],
      handlers: [{ protocol: PROVIDERS_PROTOCOL, limits: settings.limits, serve: stream => this._serve(stream) }]
    })
    this._settings = settings
    this._neighbours = neighbourhoodOf(components, settings.multicast)
  }

  get [peerRoutingSymbol](): PeerRouting {
    return this
  }

  get [contentRoutingSymbol](): Partial<ContentRouting> {
    return this
  }

  async findPeer(peer: PeerId, options: RoutingOptions = {}): Promise<PeerInfo> {
    throwIfAborted(options.signal)
    const known = options.useCache === false ? undefined : this._neighbours.peer(peer)
    if (known !== undefined) return known
    if (options.useNetwork !== false) {
      this._requireStarted()
      const found = await this._await(peer, options.signal)
      if (found !== undefined) return found
    }
    throw new NotFoundError(`${peer.toString()} is not in the local network`)
  }

  async *getClosestPeers(key: Uint8Array, options: RoutingOptions = {}): AsyncGenerator<PeerInfo> {
    const hashOf = ({ id }: PresentPeer): Uint8Array => sha256.encode(id.toMultihash().bytes) as Uint8Array
    const target = sha256.encode(key) as Uint8Array
    for (const peer of closest(this._neighbours.peers, target, hashOf, closestCount)) {
      throwIfAborted(options.signal)
      yield peer
    }
  }

  async provide(cid: CID, options: RoutingOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    const key = keyOf(cid)
    if (this._provided.has(toHex(key))) return
    const label = keyLabel(key)
    if (this._provided.size >= this._settings.maxProvided || !this._neighbours.publish(label)) {
      throw new InvalidParametersError(`mdnsRouting: maxProvided: ${this._provided.size} keys are provided already`, {
        facts: { option: 'maxProvided' }
      })
    }
    this._provided.set(toHex(key), label)
  }

  async cancelReprovide(cid: CID): Promise<void> {
    const key = toHex(keyOf(cid))
    const label = this._provided.get(key)
    if (label === undefined) return
    this._provided.delete(key)
    this._neighbours.withdraw(label)
  }

  async *findProviders(cid: CID, options: RoutingOptions = {}): AsyncGenerator<Provider> {
    throwIfAborted(options.signal)
    this._requireStarted()
    const key = keyOf(cid)
    const { signal } = options
    const { timeout } = this._settings
    yield* askNeighbours(this._neighbours, keyLabel(key), { timeout, ...(signal && { signal }) }, (peer, signal) =>
      this._verify(peer, key, signal)
    )
  }

  protected override onStart(): Promise<void> {
    return this._neighbours.hold()
  }

  protected override onStop(): Promise<void> {
    return this._neighbours.release()
  }

  private _serve(stream: Stream): Promise<void> {
    return answerRequests(stream, format, { timeout: this._settings.inboundTimeout }, ({ key }) => ({
      provides: this._provided.has(toHex(key))
    }))
  }

  /** Whether the neighbour provides the key itself: a name is 80 bits, and anybody may answer to it. */
  private async _verify(
    { id, multiaddrs }: PresentPeer,
    key: Uint8Array,
    signal: AbortSignal
  ): Promise<Provider | undefined> {
    const addresses = multiaddrs.map(address => encapsulatePeer(address, id.toMultihash().bytes))
    const open = (options: { signal: AbortSignal }): Promise<Stream> =>
      openStream(this.components, addresses, this.handlers[0]!, options)
    const limits = { timeout: this._settings.timeout, operation: 'asking a neighbour for a provider', signal }
    const { provides } = await withStream(open, limits, (stream, signal) => ask(stream, format, { key }, { signal }))
    return provides ? { id, multiaddrs, routing: routingName } : undefined
  }

  /** The peer, once it is heard of: it answers to the name of its id, or to the service. */
  private async _await(peer: PeerId, signal: AbortSignal | undefined): Promise<PresentPeer | undefined> {
    let settle = (_found: PresentPeer | undefined): void => {}
    const heard = new Promise<PresentPeer | undefined>(resolve => (settle = resolve))
    const ends = [
      this._neighbours.listen({ found: present => present.id.equals(peer) && settle(present) }),
      this._neighbours.lookup(peerLabel(peer), present => {
        if (present.id.equals(peer)) settle(present)
      })
    ]
    const timer = setTimeout(() => settle(undefined), this._settings.timeout)
    const abort = (): void => settle(undefined)
    signal?.addEventListener('abort', abort)
    // Peers of other makers do not answer to the name of their id.
    this._neighbours.askSoon()
    try {
      const found = await heard
      throwIfAborted(signal)
      return found
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      for (const end of ends) end?.()
    }
  }

  private _requireStarted(): void {
    if (!this.isStarted()) throw new NotStartedError('mdnsRouting is not started')
  }
}

/** The multihash: the same content has many CIDs. */
function keyOf({ multihash }: CID): Uint8Array {
  const { bytes } = multihash
  if (bytes.byteLength <= maxKeyLength) return bytes
  throw new InvalidParametersError(`a multihash of ${bytes.byteLength} bytes, at most ${maxKeyLength} are provided`)
}
