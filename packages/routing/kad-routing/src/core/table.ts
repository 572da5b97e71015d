/**
 * The routing table (libp2p/specs, kad-dht, "Kademlia routing table"): peers in buckets by how many bits of their place they
 * have in common with this node's. A bucket holds k; who comes later waits, and gets in when one of them dies, so those that
 * live long stay. No IP group may have more than a few places, or one operator could fill the table.
 */
import { commonPrefix, compareDistance, type KadKey, keyBits } from './key.ts'

/** Bounds of a table. */
export interface TableInit {
  /** Peers of one bucket. */
  k: number
  /** Peers that wait for a place in a bucket. */
  maxReplacements: number
  /** Peers of one IP group in the table. */
  maxPerGroup: number
  /** Peers of one IP group in one bucket. */
  maxPerGroupInBucket: number
}

/** Those of go-libp2p: 20 of a bucket, 3 of a group in all, 2 in one bucket. */
export const defaultTable: TableInit = { k: 20, maxReplacements: 20, maxPerGroup: 3, maxPerGroupInBucket: 2 }

/** A peer that the table may hold. */
export interface TablePeer {
  /** Its id, as text or in any other form that is one for each peer. */
  readonly id: string
  /** Its place. */
  readonly place: KadKey
  /** The IP groups of its addresses; none where they are not counted, as on a local network. */
  readonly groups: readonly string[]
}

/** A peer of the table. */
export interface TableEntry<P extends TablePeer> {
  /** The peer as it was last told. */
  readonly peer: P
  /** Bits in common with this node: its bucket. */
  readonly prefix: number
  /** When it came. */
  readonly addedAt: number
  /** When it last showed that it is there. */
  readonly seenAt: number
  /** When it was last asked whether it is there; 0 where it never was. */
  readonly checkedAt: number
}

/** What became of a peer: in the table now, or before; waiting for a place; of a group that has its share; this node. */
export type AddOutcome = 'added' | 'known' | 'waiting' | 'group-full' | 'self'

interface MutableEntry<P extends TablePeer> extends TableEntry<P> {
  peer: P
  seenAt: number
  checkedAt: number
}

interface Bucket<P extends TablePeer> {
  /** In the order in which they came. */
  readonly entries: MutableEntry<P>[]
  /** The one that was heard of last is the last. */
  readonly waiting: P[]
}

/** Pure: `now` is milliseconds of any clock that does not go back. */
export class RoutingTable<P extends TablePeer = TablePeer> {
  private readonly _self: KadKey
  private readonly _init: TableInit
  private readonly _buckets: Array<Bucket<P> | undefined> = []
  private readonly _entries = new Map<string, MutableEntry<P>>()
  private readonly _groups = new Map<string, number>()

  constructor(self: KadKey, init: TableInit = defaultTable) {
    this._self = self
    this._init = init
  }

  /** Peers in the table. */
  get size(): number {
    return this._entries.size
  }

  /** Whether a peer has a place; one that waits has none. */
  has(id: string): boolean {
    return this._entries.has(id)
  }

  /** The entry of a peer. */
  get(id: string): TableEntry<P> | undefined {
    return this._entries.get(id)
  }

  /** All entries, in the order in which they came. */
  entries(): IterableIterator<TableEntry<P>> {
    return this._entries.values()
  }

  /** A peer has shown that it answers. Other addresses of a known one replace those before. */
  add(peer: P, now: number): AddOutcome {
    const known = this._entries.get(peer.id)
    if (known !== undefined) return this._update(known, peer, now)
    const prefix = commonPrefix(this._self, peer.place)
    if (prefix === keyBits) return 'self'
    const bucket = (this._buckets[prefix] ??= { entries: [], waiting: [] })
    if (!this._hasRoom(bucket, peer.groups)) return 'group-full'
    if (bucket.entries.length < this._init.k) {
      this._insert(bucket, prefix, peer, now)
      return 'added'
    }
    forget(bucket.waiting, peer.id)
    bucket.waiting.push(peer)
    if (bucket.waiting.length > this._init.maxReplacements) bucket.waiting.shift()
    return 'waiting'
  }

  /** Whether a peer would get a place now: it has none, and its bucket has room. */
  hasRoomFor({ id, place }: Pick<TablePeer, 'id' | 'place'>): boolean {
    if (this._entries.has(id)) return false
    return this.countAt(commonPrefix(this._self, place)) < this._init.k
  }

  /** A peer of the table has shown that it is there. */
  seen(id: string, now: number): void {
    const entry = this._entries.get(id)
    if (entry !== undefined) entry.seenAt = now
  }

  /** A peer of the table is being asked whether it is there. */
  checking(id: string, now: number): void {
    const entry = this._entries.get(id)
    if (entry !== undefined) entry.checkedAt = now
  }

  /** A peer is gone, or serves no more. Returns who has its place now. */
  remove(id: string, now: number): P | undefined {
    const entry = this._entries.get(id)
    if (entry === undefined) {
      for (const bucket of this._buckets) if (bucket !== undefined) forget(bucket.waiting, id)
      return undefined
    }
    const bucket = this._buckets[entry.prefix]!
    this._entries.delete(id)
    bucket.entries.splice(bucket.entries.indexOf(entry), 1)
    this._count(entry.peer.groups, -1)
    for (let i = bucket.waiting.length - 1; i >= 0; i--) {
      const next = bucket.waiting[i]!
      if (!this._hasRoom(bucket, next.groups)) continue
      bucket.waiting.splice(i, 1)
      this._insert(bucket, entry.prefix, next, now)
      return next
    }
    return undefined
  }

  /** The peers closest to a place, the closest first. `accepts` leaves out who is not wanted. */
  closest(target: KadKey, count: number, accepts?: (peer: P) => boolean): P[] {
    const found: P[] = []
    const prefix = commonPrefix(this._self, target)
    // Of its own bucket all share more bits with the target than any other; of deeper ones just as many as this node; of
    // each shallower one as many as its number. So each of these is sorted by itself, and only as far as it is needed.
    this._take(found, target, count, accepts, prefix, prefix)
    this._take(found, target, count, accepts, prefix + 1, this._buckets.length - 1)
    for (let i = Math.min(prefix, this._buckets.length) - 1; i >= 0 && found.length < count; i--) {
      this._take(found, target, count, accepts, i, i)
    }
    return found
  }

  private _take(
    found: P[],
    target: KadKey,
    count: number,
    accepts: ((peer: P) => boolean) | undefined,
    first: number,
    last: number
  ): void {
    if (found.length >= count) return
    const begin = found.length
    for (let i = first; i <= last; i++) {
      for (const { peer } of this._buckets[i]?.entries ?? []) {
        if (accepts === undefined || accepts(peer)) found.push(peer)
      }
    }
    const compare = (a: P, b: P): number => compareDistance(target, a.place, b.place)
    if (begin === 0) found.sort(compare)
    else if (found.length > begin + 1) {
      const part = found.splice(begin).sort(compare)
      for (const peer of part) found.push(peer)
    }
    if (found.length > count) found.length = count
  }

  /**
   * Peers that are to be asked whether they are there: those that were not seen for `age` milliseconds nor asked meanwhile,
   * first those whose place somebody waits for, then those not seen for longest.
   */
  due(now: number, age: number, limit: number): TableEntry<P>[] {
    const due: MutableEntry<P>[] = []
    for (const entry of this._entries.values()) {
      if (now - Math.max(entry.seenAt, entry.checkedAt) >= age) due.push(entry)
    }
    const isWanted = ({ prefix }: TableEntry<P>): number => (this._buckets[prefix]!.waiting.length > 0 ? 0 : 1)
    due.sort((a, b) => isWanted(a) - isWanted(b) || a.seenAt - b.seenAt)
    return due.slice(0, limit)
  }

  /** The number of the deepest bucket that has a peer; -1 of an empty table. */
  get depth(): number {
    return this._buckets.findLastIndex(bucket => bucket !== undefined && bucket.entries.length > 0)
  }

  /** Peers in a bucket. */
  countAt(prefix: number): number {
    return this._buckets[prefix]?.entries.length ?? 0
  }

  /** Peers that wait for a place in a bucket. */
  waitingAt(prefix: number): number {
    return this._buckets[prefix]?.waiting.length ?? 0
  }

  /** How full it is: buckets down to the deepest that has a peer, which have none, are empty regions. */
  fill(): { peers: number; emptyRegions: number } {
    const { depth } = this
    let emptyRegions = depth < 0 ? 1 : 0
    for (let i = 0; i < depth; i++) if (this.countAt(i) === 0) emptyRegions++
    return { peers: this.size, emptyRegions }
  }

  private _insert(bucket: Bucket<P>, prefix: number, peer: P, now: number): void {
    const entry = { peer, prefix, addedAt: now, seenAt: now, checkedAt: 0 }
    forget(bucket.waiting, peer.id)
    bucket.entries.push(entry)
    this._entries.set(peer.id, entry)
    this._count(peer.groups, 1)
  }

  /** Addresses that would take it past the share of a group are not taken: it keeps those that it had. */
  private _update(entry: MutableEntry<P>, peer: P, now: number): AddOutcome {
    entry.seenAt = now
    this._count(entry.peer.groups, -1)
    if (this._hasRoom(this._buckets[entry.prefix]!, peer.groups, entry)) entry.peer = peer
    this._count(entry.peer.groups, 1)
    return 'known'
  }

  private _hasRoom(bucket: Bucket<P>, groups: readonly string[], except?: TableEntry<P>): boolean {
    return groups.every(group => {
      if ((this._groups.get(group) ?? 0) >= this._init.maxPerGroup) return false
      let here = 0
      for (const entry of bucket.entries) if (entry !== except && entry.peer.groups.includes(group)) here++
      return here < this._init.maxPerGroupInBucket
    })
  }

  private _count(groups: readonly string[], change: number): void {
    for (const group of new Set(groups)) {
      const count = (this._groups.get(group) ?? 0) + change
      if (count === 0) this._groups.delete(group)
      else this._groups.set(group, count)
    }
  }
}

function forget(waiting: TablePeer[], id: string): void {
  const index = waiting.findIndex(peer => peer.id === id)
  if (index >= 0) waiting.splice(index, 1)
}
