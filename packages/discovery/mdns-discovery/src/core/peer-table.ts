/** The peers that are present, as neighbours tell of them, until their time is over. */
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { lowerCase } from './dns-name.ts'

/** Peers that are kept. A link with more neighbours is served by routing. */
const maxPeers = 1024
/** Of them, those that one source tells of: a machine may run many nodes, but not fill the table. */
export const maxPeersOfSource = 256
/** Addresses of a peer. */
const maxAddressesOfPeer = 64
/** Names of a peer: rust-libp2p takes a new one for each answer. */
const maxOwnersOfPeer = 8
/** Milliseconds for which a record is kept at most: go-libp2p asks for 53 minutes. */
const maxTime = 3_600_000

/** A peer that is present. */
export interface PresentPeer {
  /** Who it is. */
  readonly id: PeerId
  /** Where, without the peer id at the end. */
  readonly multiaddrs: Multiaddr[]
}

/** What a neighbour tells of a peer. */
export interface Sighting {
  readonly id: PeerId
  readonly owner: string
  /** IP address of who told it. */
  readonly source: string
  readonly multiaddrs: readonly Multiaddr[]
  /** Seconds. */
  readonly ttl: number
}

interface Entry {
  id: PeerId
  source: string
  /** Names under which it was told, and by whom. */
  owners: Map<string, Set<string>>
  addresses: Map<string, { multiaddr: Multiaddr; expires: number }>
}

/** Pure: `now` is milliseconds of any clock that does not go back. */
export class PeerTable {
  private readonly _entries = new Map<string, Entry>()
  private readonly _byOwner = new Map<string, string>()
  private readonly _bySource = new Map<string, number>()
  private _nextExpiry = Number.POSITIVE_INFINITY

  /** When `expire` is due. */
  get wakeAt(): number {
    return this._nextExpiry
  }

  /** How many there are. */
  get size(): number {
    return this._entries.size
  }

  /** Those that are present, heard of last at the end. */
  list(): PresentPeer[] {
    return Array.from(this._entries.values(), present)
  }

  get(peer: string): PresentPeer | undefined {
    const entry = this._entries.get(peer)
    return entry && present(entry)
  }

  /** The peer of a name. */
  ownedBy(owner: string): string | undefined {
    return this._byOwner.get(lowerCase(owner))
  }

  /** Takes in what was told. `full`: this source tells of too many. */
  put({ id, owner, source, multiaddrs, ttl }: Sighting, now: number): 'new' | 'changed' | 'same' | 'full' {
    const peer = id.toString()
    let entry = this._entries.get(peer)
    const isNew = entry === undefined
    if (entry === undefined) {
      if ((this._bySource.get(source) ?? 0) >= maxPeersOfSource) return 'full'
      if (this._entries.size >= maxPeers) this._remove(this._entries.keys().next().value!)
      entry = { id, source, owners: new Map(), addresses: new Map() }
      this._bySource.set(source, (this._bySource.get(source) ?? 0) + 1)
    }
    // The one that was heard of longest ago stands first.
    this._entries.delete(peer)
    this._entries.set(peer, entry)
    this._own(entry, peer, lowerCase(owner), source)
    const expires = now + Math.min(ttl * 1000, maxTime)
    let changed = false
    for (const multiaddr of multiaddrs) {
      const text = multiaddr.toString()
      changed = !entry.addresses.delete(text) || changed
      if (entry.addresses.size >= maxAddressesOfPeer) entry.addresses.delete(entry.addresses.keys().next().value!)
      entry.addresses.set(text, { multiaddr, expires })
    }
    this._nextExpiry = Math.min(this._nextExpiry, expires)
    return isNew ? 'new' : changed ? 'changed' : 'same'
  }

  /** A name is gone. Returns its peer if that has no other one. Only who told of it can say so. */
  goodbye(owner: string, source: string): PeerId | undefined {
    const name = lowerCase(owner)
    const peer = this._byOwner.get(name)
    const entry = peer === undefined ? undefined : this._entries.get(peer)
    if (entry?.owners.get(name)?.has(source) !== true) return undefined
    this._byOwner.delete(name)
    entry.owners.delete(name)
    if (entry.owners.size > 0) return undefined
    this._remove(peer!)
    return entry.id
  }

  /** Forgets what is over; returns the peers that have no address left. */
  expire(now: number): PeerId[] {
    if (now < this._nextExpiry) return []
    const gone: PeerId[] = []
    this._nextExpiry = Number.POSITIVE_INFINITY
    for (const [peer, entry] of this._entries) {
      for (const [text, { expires }] of entry.addresses) {
        if (expires <= now) entry.addresses.delete(text)
        else this._nextExpiry = Math.min(this._nextExpiry, expires)
      }
      if (entry.addresses.size > 0) continue
      this._remove(peer)
      gone.push(entry.id)
    }
    return gone
  }

  clear(): void {
    for (const peer of [...this._entries.keys()]) this._remove(peer)
    this._nextExpiry = Number.POSITIVE_INFINITY
  }

  private _own(entry: Entry, peer: string, owner: string, source: string): void {
    const former = this._byOwner.get(owner)
    if (former !== undefined && former !== peer) this._entries.get(former)?.owners.delete(owner)
    const sources = entry.owners.get(owner) ?? new Set()
    // More addresses than that has no neighbour: IPv4, IPv6, and both anew.
    if (sources.size < 4) sources.add(source)
    if (!entry.owners.has(owner) && entry.owners.size >= maxOwnersOfPeer) {
      const oldest = entry.owners.keys().next().value!
      entry.owners.delete(oldest)
      this._byOwner.delete(oldest)
    }
    entry.owners.set(owner, sources)
    this._byOwner.set(owner, peer)
  }

  private _remove(peer: string): void {
    const entry = this._entries.get(peer)!
    this._entries.delete(peer)
    for (const owner of entry.owners.keys()) this._byOwner.delete(owner)
    const left = this._bySource.get(entry.source)! - 1
    if (left === 0) this._bySource.delete(entry.source)
    else this._bySource.set(entry.source, left)
  }
}

function present({ id, addresses }: Entry): PresentPeer {
  return { id, multiaddrs: Array.from(addresses.values(), ({ multiaddr }) => multiaddr) }
}
