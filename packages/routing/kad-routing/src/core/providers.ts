/** Who provides what: an index in memory with bounds on keys, providers of a key, records of a peer, and bytes in all. */

/** Bounds of an index. */
export interface ProvidersInit {
  /** Milliseconds that a record counts. */
  validity: number
  /** Providers of one key: past it the one that told longest ago is dropped. */
  maxPerKey: number
  /** Bytes that all records may have, as they are counted here: past it the records that came longest ago are dropped. */
  maxBytes: number
}

/** go-libp2p's and js-libp2p's validity; answers of 16 KiB hold no more providers with addresses; 64 MiB. */
export const defaultProviders: ProvidersInit = {
  validity: 48 * 3_600_000,
  maxPerKey: 64,
  maxBytes: 64 * 1024 * 1024
}

/** A provider record. */
export interface ProviderRecord {
  /** The key, as one string for each. */
  readonly key: string
  /** The provider, as one string for each. */
  readonly peer: string
  /** Its addresses, as it told them. */
  readonly addresses: readonly Uint8Array[]
  /** When it is over, ms since 1970. */
  readonly expires: number
}

// Objects, map entries and strings of a record, beside its bytes: measured as about 400.
const recordOverhead = 400
const addressOverhead = 100

// Fewer are not worth the copy.
const minCompacted = 1024

interface Entry {
  readonly record: ProviderRecord
  isDropped: boolean
}

/** Pure: `now` is milliseconds since 1970, as records outlive the process. */
export class Providers {
  private readonly _init: ProvidersInit
  private readonly _keys = new Map<string, Map<string, Entry>>()
  /**
   * All records from `_head` on, those that came longest ago first, and some that were dropped since. A map whose oldest key is
   * deleted each time is slow: V8 looks for its first key among the deleted.
   */
  private _order: Entry[] = []
  private _head = 0
  private _size = 0
  private _bytes = 0

  constructor(init: ProvidersInit = defaultProviders) {
    this._init = init
  }

  /** Records. */
  get size(): number {
    return this._size
  }

  /** Bytes of all records, as they are counted. */
  get byteLength(): number {
    return this._bytes
  }

  /** Adds a record, or renews it. Returns those that had to go for it. */
  add(key: string, peer: string, addresses: readonly Uint8Array[], now: number): ProviderRecord[] {
    return this.restore({ key, peer, addresses, expires: now + this._init.validity })
  }

  /** Adds a record as it was kept elsewhere. Returns those that had to go for it. */
  restore(record: ProviderRecord): ProviderRecord[] {
    const before = this._keys.get(record.key)?.get(record.peer)
    if (before !== undefined) this._drop(before)
    const ofKey = this._keys.get(record.key) ?? new Map<string, Entry>()
    const entry = { record, isDropped: false }
    this._keys.set(record.key, ofKey.set(record.peer, entry))
    this._order.push(entry)
    this._size++
    this._bytes += sizeOf(record)
    const dropped: ProviderRecord[] = []
    if (ofKey.size > this._init.maxPerKey) dropped.push(this._drop(ofKey.values().next().value!))
    while (this._bytes > this._init.maxBytes && this._size > 0) dropped.push(this._drop(this._oldest()))
    this._compact()
    return dropped
  }

  /** The providers of a key that still count, those that told last first. */
  of(key: string, now: number): ProviderRecord[] {
    const records = Array.from(this._keys.get(key)?.values() ?? [], ({ record }) => record)
    return records.filter(({ expires }) => expires > now).toReversed()
  }

  /** Forgets a record. Returns whether it was there. */
  delete(key: string, peer: string): boolean {
    const entry = this._keys.get(key)?.get(peer)
    if (entry === undefined) return false
    this._drop(entry)
    this._compact()
    return true
  }

  /** Takes out all that are over. */
  expire(now: number): ProviderRecord[] {
    const over: ProviderRecord[] = []
    for (let i = this._head; i < this._order.length; i++) {
      const entry = this._order[i]!
      if (!entry.isDropped && entry.record.expires <= now) over.push(this._drop(entry))
    }
    this._compact()
    return over
  }

  private _oldest(): Entry {
    while (this._order[this._head]!.isDropped) this._head++
    return this._order[this._head]!
  }

  private _drop(entry: Entry): ProviderRecord {
    const { record } = entry
    const ofKey = this._keys.get(record.key)
    ofKey?.delete(record.peer)
    if (ofKey?.size === 0) this._keys.delete(record.key)
    entry.isDropped = true
    this._size--
    this._bytes -= sizeOf(record)
    return record
  }

  /** The dropped ones take as much room as the others at most. */
  private _compact(): void {
    if (this._order.length <= 2 * this._size + minCompacted) return
    this._order = this._order.slice(this._head).filter(({ isDropped }) => !isDropped)
    this._head = 0
  }
}

function sizeOf({ key, peer, addresses }: ProviderRecord): number {
  const bytes = addresses.reduce((sum, address) => sum + address.byteLength + addressOverhead, 0)
  return recordOverhead + 2 * (key.length + peer.length) + bytes
}
