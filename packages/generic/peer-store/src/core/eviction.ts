/**
 * Which peers a full store forgets, whatever it keeps them in: the one that was not updated for longest goes first, of those
 * that nobody protects. Knows names and sizes alone; who asks about a peer and removes it is the adapter.
 */
import { type PeerStoreFacts, PeerStoreFullError } from '../errors.ts'

/** Where a store's bytes are charged: the account of a service of `@weft/resources`. */
export interface Account {
  /** Reserves and returns `undefined`, or changes nothing and returns who has no room. */
  tryReserve(resource: 'memory', amount: number): { refusal(resource: 'memory', requested: number): Error } | undefined
  /** Gives back. */
  release(resource: 'memory', amount: number): void
}

/** What is kept, and how much of it. */
export interface EvictionInit<Value> {
  readonly maxPeers: number
  readonly maxBytes: number
  /** Bytes of a peer. The same for the same value. */
  readonly sizeOf: (value: Value) => number
  /** The name of the peer that is never forgotten. */
  readonly self: string
  readonly account?: Account | undefined
}

/** A peer that may have to go. */
export interface Candidate<Value> {
  readonly name: string
  readonly value: Value
  /** It goes even if it is protected: too many peers are there, and all others are protected too. */
  readonly even: boolean
}

/** The peers of a store by name, the one that was updated last at the end, within the store's bounds. */
export class Eviction<Value> {
  private readonly _init: EvictionInit<Value>
  private readonly _values = new Map<string, Value>()
  private _byteLength = 0
  /** Bytes in the account. Those of a peer that is being put are not, until there is room for them. */
  private _charged = 0

  constructor(init: EvictionInit<Value>) {
    this._init = init
  }

  /** Number of peers. */
  get size(): number {
    return this._values.size
  }

  /** Bytes of all. */
  get byteLength(): number {
    return this._byteLength
  }

  /** Names and values, the peer that was not updated for longest first. */
  entries(): IterableIterator<[string, Value]> {
    return this._values.entries()
  }

  /** What is kept of one. */
  get(name: string): Value | undefined {
    return this._values.get(name)
  }

  /** Puts a peer last, whatever the bounds. */
  set(name: string, value: Value): void {
    const before = this._values.get(name)
    this._replace(name, value, this._init.sizeOf(value) - (before === undefined ? 0 : this._init.sizeOf(before)))
  }

  /** Forgets a peer. */
  delete(name: string): void {
    const value = this._values.get(name)
    if (value === undefined) return
    this._values.delete(name)
    this._byteLength -= this._init.sizeOf(value)
    this._release()
  }

  /**
   * Puts a peer last and makes room for it: yields those that may have to go. The answer `true` says that the candidate
   * stays; otherwise it is forgotten, here too. Throws `PeerStoreFullError`, or the account's error, where all that could go
   * is not enough: then, as after a failure of its own, the caller puts back what was there before, with `restore`.
   */
  *put(name: string, value: Value): Generator<Candidate<Value>, void, boolean> {
    const { sizeOf, maxBytes, maxPeers } = this._init
    const size = sizeOf(value)
    if (size > maxBytes) throw new PeerStoreFullError(this._facts(0, size))
    const before = this._values.get(name)
    const more = size - (before === undefined ? 0 : sizeOf(before))
    this._replace(name, value, more)
    const isCrowded = (): boolean => before === undefined && this._values.size > maxPeers
    for (let left = this._values.size; left > 0 && (isCrowded() || this._refusal(more) !== undefined); left--) {
      yield* this._offerFirst(name, false)
    }
    const refusal = this._refusal(more)
    if (refusal !== undefined) throw refusal()
    // All are protected, and this bound holds even so.
    for (let left = this._values.size; left > 0 && isCrowded(); left--) yield* this._offerFirst(name, true)
    // Those that were passed over went behind it.
    this._pass(name)
  }

  /** Puts back what was kept of a peer before an update that failed. */
  restore(name: string, before: Value | undefined): void {
    if (this._values.get(name) === before) return
    if (before === undefined) this.delete(name)
    else this.set(name, before)
  }

  private *_offerFirst(name: string, even: boolean): Generator<Candidate<Value>, void, boolean> {
    const [first, value] = this._values.entries().next().value!
    const stays = first === name || first === this._init.self || (yield { name: first, value, even })
    // Not looked at again at once.
    if (stays) this._pass(first)
    else this.delete(first)
  }

  private _pass(name: string): void {
    const value = this._values.get(name)
    if (value === undefined) return
    this._values.delete(name)
    this._values.set(name, value)
  }

  private _replace(name: string, value: Value, more: number): void {
    this._values.delete(name)
    this._values.set(name, value)
    this._byteLength += more
    this._release()
  }

  private _release(): void {
    const given = this._charged - this._byteLength
    if (given <= 0) return
    this._charged = this._byteLength
    this._init.account?.release('memory', given)
  }

  /** Charges what is not charged yet, if there is room. Returns what makes the error if there is none. */
  private _refusal(requested: number): (() => Error) | undefined {
    const held = this._byteLength
    if (held > this._init.maxBytes) return () => new PeerStoreFullError(this._facts(held - requested, requested))
    const more = held - this._charged
    if (more <= 0) return undefined
    const exhausted = this._init.account?.tryReserve('memory', more)
    if (exhausted !== undefined) return () => exhausted.refusal('memory', more)
    this._charged = held
    return undefined
  }

  private _facts(current: number, requested: number): PeerStoreFacts {
    return { limit: this._init.maxBytes, current, requested, option: 'peerStore.maxBytes' }
  }
}
