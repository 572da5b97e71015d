import type { Peer, PeerId, Tag } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import type { Multiaddr } from '@weft/multiaddr'

export interface StoredAddress {
  readonly multiaddr: Multiaddr
  readonly isCertified: boolean
  /** Milliseconds since 1970 at which it was last heard of. */
  readonly observed: number
}

export interface StoredTag extends Tag {
  readonly value: number
  /** Milliseconds since 1970 after which the tag is gone. */
  readonly expiry?: bigint
}

/** What is kept of one peer. It is never changed, only replaced. */
export interface Entry {
  readonly id: PeerId
  readonly addresses: readonly StoredAddress[]
  readonly protocols: readonly string[]
  readonly metadata: ReadonlyMap<string, Uint8Array>
  readonly tags: ReadonlyMap<string, StoredTag>
  readonly peerRecordEnvelope?: Uint8Array
  /** Milliseconds since 1970 of the last update. */
  readonly updated: number
}

/** How long what is known holds, in milliseconds. */
export interface Ages {
  readonly maxAddressAge: number
  readonly maxPeerAge: number
}

/** This node does not forget itself. */
export const ageless: Ages = { maxAddressAge: Infinity, maxPeerAge: Infinity }

/** Whether the peer is to be forgotten: not updated for long, and no address of it holds. */
export function isExpired(entry: Entry, ages: Ages, now: number): boolean {
  return entry.updated < now - ages.maxPeerAge && !entry.addresses.some(address => holds(address, ages, now))
}

/** Whether the address was heard of recently enough. */
export function holds(address: StoredAddress, ages: Ages, now: number): boolean {
  return address.observed > now - ages.maxAddressAge
}

/** Whether the tag's time has not run out. */
export function isCurrent(tag: StoredTag, now: number): boolean {
  return tag.expiry === undefined || tag.expiry >= BigInt(now)
}

/** Whether something wants the peer kept. */
export function isTagged(entry: Entry, now: number): boolean {
  for (const tag of entry.tags.values()) {
    if (isCurrent(tag, now)) return true
  }
  return false
}

/** What callers get: what holds at this time, in objects and bytes of their own. */
export function toPeer(entry: Entry, ages: Ages, now: number): Peer {
  const peer: Peer = {
    id: entry.id,
    addresses: entry.addresses
      .filter(address => holds(address, ages, now))
      .map(({ multiaddr, isCertified }) => ({ multiaddr, isCertified })),
    protocols: [...entry.protocols],
    metadata: new Map([...entry.metadata].map(([key, value]) => [key, new Uint8Array(value)])),
    tags: new Map()
  }
  for (const [name, tag] of entry.tags) {
    if (isCurrent(tag, now)) peer.tags.set(name, { ...tag })
  }
  if (entry.peerRecordEnvelope !== undefined) peer.peerRecordEnvelope = new Uint8Array(entry.peerRecordEnvelope)
  return peer
}

/** Whether two say the same of a peer, whenever that was. */
export function sameContent(a: Entry, b: Entry): boolean {
  return (
    (a.id.publicKey === undefined) === (b.id.publicKey === undefined) &&
    sameList(a.addresses, b.addresses, sameAddress) &&
    sameList(a.protocols, b.protocols, (x, y) => x === y) &&
    sameBytes(a.peerRecordEnvelope, b.peerRecordEnvelope) &&
    sameMap(a.metadata, b.metadata, equals) &&
    sameMap(a.tags, b.tags, (x, y) => x.value === y.value && x.expiry === y.expiry)
  )
}

function sameAddress(a: StoredAddress, b: StoredAddress): boolean {
  return a.isCertified === b.isCertified && a.multiaddr.equals(b.multiaddr)
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equals(a, b))
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((item, i) => same(item, b[i]!))
}

function sameMap<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, same: (a: T, b: T) => boolean): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || !same(value, other)) return false
  }
  return true
}
