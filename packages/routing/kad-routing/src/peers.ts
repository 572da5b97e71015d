/** The peers that this node knows: its table, those that died, and how each was told of. */
import type { Connection, PeerId } from '@libp2p/interface'
import { toldAddressesOf } from '@weft/interface-node'
import type { Multiaddr } from '@weft/multiaddr'
import { filterOf, ipGroupOf, readAddresses } from './addresses.ts'
import type { KadComponents } from './components.ts'
import { Contact, idOf, looksLikeId } from './contact.ts'
import { DeadPeers } from './core/dead-peers.ts'
import { placeOf } from './core/key.ts'
import { type KadMessagePeer, type KadMessageType, messageTypes } from './core/message.ts'
import { defaultTable, RoutingTable } from './core/table.ts'
import type { Settings } from './options.ts'

/** Why a connected peer is not in the table. */
export type WhyNotInTable = 'it is being asked' | 'it does not answer' | 'it has no address of a kind that is used here'

/** Errors of this node's own, which say nothing of the peer. */
const ownErrors = new Set([
  'AbortError',
  'NotStartedError',
  'ResourceLimitError',
  'TooManyOutboundProtocolStreamsError',
  'LimitedConnectionError'
])

/** Errors of a stream that was open: the peer was reached. */
const refusals = new Set(['StreamResetError', 'UnexpectedEOFError', 'StreamAbortedError', 'UnexpectedAnswerError'])

export class Peers {
  readonly table: RoutingTable<Contact>
  readonly dead: DeadPeers = new DeadPeers()
  /** This node, as a string that is one for each peer. */
  readonly selfId: string
  /** Peers that are connected and serve the protocol, by why they are not in the table. */
  readonly left: Map<string, WhyNotInTable> = new Map()
  private readonly _components: KadComponents
  private readonly _settings: Settings
  private readonly _selfBytes: Uint8Array
  private readonly _filter: ReturnType<typeof filterOf>

  constructor(components: KadComponents, settings: Settings) {
    this._components = components
    this._settings = settings
    this._filter = filterOf(settings.mapper)
    this._selfBytes = components.peerId.toMultihash().bytes
    this.selfId = idOf(this._selfBytes)
    this.table = new RoutingTable(placeOf(this._selfBytes), { ...defaultTable, k: settings.k })
  }

  /** This node, with the addresses that it may tell. */
  self(): Contact {
    return new Contact(
      this._components.peerId,
      this.usable(this._components.peerId, this._components.addressManager.getAddresses())
    )
  }

  /** The addresses of a peer that this DHT uses. */
  usable(id: PeerId, multiaddrs: readonly Multiaddr[]): Multiaddr[] {
    return this._settings.mapper({ id, multiaddrs: [...multiaddrs] }).multiaddrs
  }

  /** Peers of a message that can be used: those that have an address, or are connected. Whether their ids are some, `isPeer` says. */
  read(peers: readonly KadMessagePeer[], teller: Contact, known: (id: string) => Contact | undefined): Contact[] {
    const { addressManager, connectionManager } = this._components
    const told = toldAddressesOf(addressManager)
    const remoteAddr = this.connectionTo(teller)?.remoteAddr
    const contacts: Contact[] = []
    for (const { id: bytes, addresses } of peers) {
      const id = idOf(bytes)
      if (id === this.selfId) continue
      const before = known(id) ?? this.table.get(id)?.peer
      if (before !== undefined) {
        contacts.push(before)
        continue
      }
      if (remoteAddr === undefined || !looksLikeId(bytes)) continue
      const bare = new Contact(bytes, [])
      const kept = told.accept(readAddresses(addresses), { kind: 'connection', remoteAddr })
      const filter = this._filter
      if (filter === undefined && !bare.isPeer) continue
      const usable = filter === undefined ? this.usable(bare.peerId, kept) : filter(kept)
      if (usable.length === 0 && (!bare.isPeer || connectionManager.getConnections(bare.peerId).length === 0)) continue
      contacts.push(bare.with(usable, []))
    }
    return contacts
  }

  /** A peer has answered a request: it serves the protocol, and is there. */
  answered(contact: Contact): void {
    const now = performance.now()
    this.dead.revive(contact.id)
    if (contact.multiaddrs.length === 0) {
      this.table.seen(contact.id, now)
      this.left.set(contact.id, 'it has no address of a kind that is used here')
      return
    }
    const remote = this.connectionTo(contact)?.remoteAddr
    // Where it is, not where it says it is: who tells addresses of many networks is still in one.
    const group = remote === undefined ? undefined : ipGroupOf(remote)
    this.table.add(contact.with(contact.multiaddrs, group === undefined ? [] : [group]), now)
    this.left.delete(contact.id)
  }

  /** A request to a peer failed. Returns whether the peer is taken for dead: one that only refuses is there. */
  failed(contact: Contact, error: unknown, type: KadMessageType = messageTypes.FIND_NODE): boolean {
    const { name } = error as Error
    if (ownErrors.has(name)) return false
    // The protocol has no other refusal than a reset; whoever refuses FIND_NODE is of no use.
    if (type !== messageTypes.FIND_NODE && refusals.has(name)) return false
    const now = performance.now()
    this.dead.mark(contact.id, now)
    this.table.remove(contact.id, now)
    if (this.left.has(contact.id)) this.left.set(contact.id, 'it does not answer')
    return true
  }

  /** A peer has shown that it is there. */
  seen(id: string): void {
    this.table.seen(id, performance.now())
  }

  /** Whether a peer did not answer lately. */
  isDead(id: string): boolean {
    return this.dead.isDead(id, performance.now())
  }

  connectionTo(contact: Contact): Connection | undefined {
    return this._components.connectionManager.getConnections(contact.peerId)[0]
  }
}
