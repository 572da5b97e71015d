import { type PeerStoreFacts, PeerStoreFullError } from '../errors.ts'

/** Where a store's bytes are charged: the account of a service of `@weft/resources`. */
export interface Account {
  /** Reserves and returns `undefined`, or changes nothing and returns who has no room. */
  tryReserve(resource: 'memory', amount: number): { refusal(resource: 'memory', requested: number): Error } | undefined
  /** Gives back. */
  release(resource: 'memory', amount: number): void
}

/** The bytes that a store holds: at most so many, and in the node's account if there is one. */
export class Budget {
  private readonly _limit: number
  private readonly _account: Account | undefined
  private _held = 0

  constructor(limit: number, account?: Account) {
    this._limit = limit
    this._account = account
  }

  /** Bytes that are held. */
  get held(): number {
    return this._held
  }

  /** Throws `PeerStoreFullError` for a peer that would not fit into the empty store. */
  check(size: number): void {
    if (size > this._limit) throw this._full(size, 0)
  }

  /** Takes so many more and returns `undefined`, or changes nothing and returns what makes the error. */
  tryTake(bytes: number): (() => Error) | undefined {
    if (this._held + bytes > this._limit) return () => this._full(bytes, this._held)
    const refusing = this._account?.tryReserve('memory', bytes)
    if (refusing !== undefined) return () => refusing.refusal('memory', bytes)
    this._held += bytes
    return undefined
  }

  /** Gives so many back. */
  give(bytes: number): void {
    this._held -= bytes
    this._account?.release('memory', bytes)
  }

  private _full(requested: number, current: number): PeerStoreFullError {
    const facts: PeerStoreFacts = { limit: this._limit, current, requested, option: 'peerStore.maxBytes' }
    return new PeerStoreFullError(facts)
  }
}
