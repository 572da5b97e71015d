import type {
  AbortOptions,
  ConsumePeerRecordOptions,
  Libp2pEvents,
  Peer,
  PeerData,
  PeerId,
  PeerInfo,
  PeerQuery,
  PeerStore,
  PeerUpdate,
  TypedEventTarget
} from '@libp2p/interface'
import { NotFoundError, throwIfAborted, type WeftError } from '@weft/errors'
import { isPeerId } from '@weft/peer-id'
import { openPeerRecord, type SignedPeerRecord } from '@weft/peer-info'
import type { Mode, Update } from './core/apply.ts'
import { type Ages, ageless, type Entry, isTagged, sameContent, toPeer } from './core/entry.ts'
import { isNewer } from './core/record.ts'
import { checkData, type GivenAddress, givenAddresses } from './core/validate.ts'
import { type AddressFilter, type PeerStoreComponents, type PeerStoreInit, withDefaults } from './init.ts'

/** Says of the stored peer whether an update may go on. */
export type Guard = (stored: Entry | undefined) => boolean

/** What the stores in memory and in a datastore share: everything but keeping the peers. */
export abstract class BasePeerStore implements PeerStore {
  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: '@libp2p/peer-store' })
  }

  protected readonly self: PeerId
  protected readonly maxPeers: number
  protected readonly maxBytes: number
  private readonly _ages: Ages
  /** Of a peer while it is connected: it is known, however long nothing is written about it. */
  private readonly _connectedAges: Ages
  private readonly _filter: AddressFilter | undefined
  private readonly _events: TypedEventTarget<Libp2pEvents>
  private readonly _connected = new Set<string>()

  constructor({ peerId, events }: PeerStoreComponents, init: PeerStoreInit) {
    const { maxPeers, maxBytes, ...ages } = withDefaults(init)
    this.self = peerId
    this.maxPeers = maxPeers
    this.maxBytes = maxBytes
    this._ages = ages
    this._connectedAges = { ...ages, maxPeerAge: Infinity }
    this._filter = init.addressFilter
    this._events = events
    events.addEventListener('peer:connect', ({ detail }) => void this._connected.add(detail.toString()))
    events.addEventListener('peer:disconnect', ({ detail }) => void this._connected.delete(detail.toString()))
  }

  abstract all(query?: PeerQuery): Promise<Peer[]>
  abstract delete(id: PeerId, options?: AbortOptions): Promise<void>

  async forEach(fn: (peer: Peer) => void, query?: PeerQuery): Promise<void> {
    for (const peer of await this.all(query)) fn(peer)
  }

  async has(id: PeerId, options?: AbortOptions): Promise<boolean> {
    throwIfAborted(options?.signal)
    return (await this.read(id, Date.now(), options)) !== undefined
  }

  async get(id: PeerId, options?: AbortOptions): Promise<Peer> {
    throwIfAborted(options?.signal)
    const now = Date.now()
    const found = this.read(id, now, options)
    const entry = found instanceof Promise ? await found : found
    if (entry === undefined) throw new NotFoundError('the peer is not in the store')
    return toPeer(entry, this.agesOf(id), now)
  }

  async getInfo(id: PeerId, options?: AbortOptions): Promise<PeerInfo> {
    const peer = await this.get(id, options)
    return { id: peer.id, multiaddrs: peer.addresses.map(({ multiaddr }) => multiaddr) }
  }

  async save(id: PeerId, data: PeerData, options?: AbortOptions): Promise<Peer> {
    return await this._update(id, data, 'save', options)
  }

  async patch(id: PeerId, data: PeerData, options?: AbortOptions): Promise<Peer> {
    return await this._update(id, data, 'patch', options)
  }

  async merge(id: PeerId, data: PeerData, options?: AbortOptions): Promise<Peer> {
    return await this._update(id, data, 'merge', options)
  }

  async consumePeerRecord(buf: Uint8Array, options?: ConsumePeerRecordOptions): Promise<boolean>
  async consumePeerRecord(buf: Uint8Array, expectedPeer?: PeerId, options?: AbortOptions): Promise<boolean>
  async consumePeerRecord(
    buf: Uint8Array,
    expected?: PeerId | ConsumePeerRecordOptions,
    rest?: AbortOptions
  ): Promise<boolean> {
    const options: ConsumePeerRecordOptions = isPeerId(expected)
      ? { ...rest, expectedPeer: expected }
      : (expected ?? {})
    const signed = await openWanted(buf, options)
    if (signed === undefined) return false
    const { peerId: id, record } = signed
    const given = record.multiaddrs.map(multiaddr => ({ multiaddr, isCertified: true }))
    const data: PeerData = { peerRecordEnvelope: buf, addresses: given }
    const addresses = await this._allowed(id, givenAddresses(id, data), options)
    const guard: Guard = stored => isNewer(record.seqNumber, stored)
    return (await this.write({ id, data, mode: 'patch', addresses }, options, guard)) !== undefined
  }

  /** The peer as it is stored, unless it has expired. */
  protected abstract read(
    id: PeerId,
    now: number,
    options?: AbortOptions
  ): Entry | undefined | Promise<Entry | undefined>

  /** Stores the outcome of an update, or nothing where the guard refuses; then the result is `undefined`. */
  protected abstract write(
    update: Update,
    options: AbortOptions | undefined,
    guard?: Guard
  ): Peer | undefined | Promise<Peer | undefined>

  protected agesOf(id: PeerId): Ages {
    if (this.self.equals(id)) return ageless
    return this._connected.has(id.toString()) ? this._connectedAges : this._ages
  }

  /** Whether a peer stays although the store is full. */
  protected isProtected(entry: Entry, now: number): boolean {
    return this._connected.has(entry.id.toString()) || isTagged(entry, now) || this.self.equals(entry.id)
  }

  /** Tells of the change, if it is one, and gives what the caller gets. */
  protected changed(entry: Entry, previous: Entry | undefined, now: number): Peer {
    const ages = this.agesOf(entry.id)
    const peer = toPeer(entry, ages, now)
    if (previous === undefined || !sameContent(entry, previous)) {
      const detail: PeerUpdate = { peer }
      if (previous !== undefined) detail.previous = toPeer(previous, ages, now)
      const name = this.self.equals(entry.id) ? 'self:peer:update' : 'peer:update'
      this._events.safeDispatchEvent(name, { detail })
    }
    return peer
  }

  private async _update(id: PeerId, data: PeerData, mode: Mode, options: AbortOptions | undefined): Promise<Peer> {
    throwIfAborted(options?.signal)
    checkData(id, data)
    const given = givenAddresses(id, data)
    const addresses = this._filter === undefined ? given : await this._allowed(id, given, options)
    const peer = await this.write({ id, data, mode, addresses }, options)
    // Only a guard refuses.
    return peer!
  }

  private async _allowed(
    id: PeerId,
    given: GivenAddress[] | undefined,
    options: AbortOptions | undefined
  ): Promise<GivenAddress[] | undefined> {
    if (this._filter === undefined || given === undefined) return given
    const allowed: GivenAddress[] = []
    for (const address of given) {
      if (await this._filter(id, address.multiaddr, options)) allowed.push(address)
    }
    return allowed
  }
}

/** The record, or `undefined` where it is another peer's; the rest of what can be wrong with it is an error. */
async function openWanted(buf: Uint8Array, options: ConsumePeerRecordOptions): Promise<SignedPeerRecord | undefined> {
  try {
    return await openPeerRecord(buf, options)
  } catch (error) {
    const { name, code } = error as WeftError
    if (name === 'UnexpectedPeerError' || code === 'ERR_ENVELOPE_KEY_MISMATCH') return undefined
    throw error
  }
}
