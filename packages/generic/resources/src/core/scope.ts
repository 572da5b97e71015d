/**
 * One account in a tree of accounts. What a scope reserves counts in it and in everything above it, in each scope once
 * however many ways lead there; either all of them have room, or nothing changes.
 */
import { InvalidParametersError } from '@weft/errors'
import { ResourceLimitError } from '../errors.ts'
import type { Pledge } from './pledge.ts'
import {
  type Amounts,
  amountsOf,
  type Counts,
  counts,
  indexes,
  type Resource,
  resources,
  type ScopeKind
} from './resources.ts'

/** What can be ended to free what it holds. */
export interface Abortable {
  /** Ends it at once. */
  abort(error: Error): void
}

/** What all scopes of a tree have in common. */
export interface Ledger {
  /** The option that changes a limit. */
  option(kind: ScopeKind, name: string, resource: Resource): string
  /** A scope of that kind has refused something. */
  count(kind: ScopeKind, resource: Resource): void
  /**
   * `asking` needs memory that `full` has not: whoever holds far more than it may be made to give way. Returns whether
   * someone has. What gives way has given its memory back when this returns, and is ended later.
   */
  makeRoom?(full: ResourceScope, asking: ResourceScope): boolean
}

/** What a scope is made of. */
export interface ScopeInit {
  kind: ScopeKind
  /** Which one of its kind; empty where there is only one. */
  name: string
  /** The most that it may hold. It is read at each reservation, so that it can be changed. */
  limits: Readonly<Counts>
  ledger: Ledger
  /** The scopes directly above. The first one owns this one: closing it closes this one. None for a root. */
  parents: readonly ResourceScope[]
  /** What the connection was promised of the root's memory: one object for it and its streams. */
  pledge?: Pledge | undefined
}

const { memory, unsent } = indexes
// Whoever waits for memory is told when this part of it is in use: told at the first free byte, it would wait again.
const relief = 0.75
// What does not fit takes half of the room that is left: with less of it than this there is none. Bytes.
const leastUnsentRoom = 128 * 1024

/** One account: what it and everything below it hold, and the most that they may. */
export class ResourceScope {
  /** Whose account it is. */
  readonly kind: ScopeKind
  /** Which one of its kind; empty where there is only one. */
  readonly name: string
  private _limits: Readonly<Counts>
  private readonly _ledger: Ledger
  private readonly _owner: ResourceScope | undefined
  /** Everything above, each once. */
  private _above: readonly ResourceScope[]
  private _children: Set<ResourceScope> | undefined
  /** What this scope and all below it hold. */
  private readonly _used: Counts = counts(0)
  /** What was reserved in this scope itself. Below a stream there is nothing: for it both are one. */
  private readonly _held: Counts
  /** Bytes of memory that are counted above but not here, and not in any connection: the fixed cost, and what is unsent. */
  private _overhead = 0
  private readonly _pledge: Pledge | undefined
  private readonly _root: ResourceScope
  /** In a root: memory that connections were promised and do not use. It counts as taken, but for each its own. */
  private _pledged = 0
  private _waiting: Set<() => void> | undefined
  private _closed = false

  constructor(init: ScopeInit) {
    this.kind = init.kind
    this.name = init.name
    this._limits = init.limits
    this._ledger = init.ledger
    this._pledge = init.pledge
    this._held = init.kind === 'stream' ? this._used : counts(0)
    this._owner = init.parents[0]
    this._root = this._owner?._root ?? this
    this._above = allAbove(init.parents)
    if (this._owner !== undefined) (this._owner._children ??= new Set()).add(this)
  }

  /** Whether `close()` was called. */
  get isClosed(): boolean {
    return this._closed
  }

  /** The scope that closes this one; none for a root. */
  get owner(): ResourceScope | undefined {
    return this._owner
  }

  /** Everything above, each once. */
  get above(): readonly ResourceScope[] {
    return this._above
  }

  /** The scopes that this one owns. */
  get children(): Iterable<ResourceScope> {
    return this._children ?? []
  }

  /** What this scope and all below it hold, as a copy. */
  usage(): Amounts {
    return amountsOf(this._used)
  }

  /** What this scope and all below it hold of one resource. */
  used(resource: Resource): number {
    return this._used[indexes[resource]]!
  }

  /** The most that this scope may hold of one resource. */
  limit(resource: Resource): number {
    return this._limits[indexes[resource]]!
  }

  /** Whether what this scope holds counts in another. */
  countsIn(scope: ResourceScope): boolean {
    return scope === this || this._above.includes(scope)
  }

  /** Reserves, or throws `ResourceLimitError` and changes nothing. Whole numbers of 0 or more. */
  reserve(resource: Resource, amount: number = 1): void {
    const exhausted = this.tryReserve(resource, amount)
    if (exhausted !== undefined) throw exhausted.refusal(resource, amount)
  }

  /**
   * Reserves and returns `undefined`, or changes nothing and returns the scope that has no room: without the cost of an
   * error. A closed scope reserves nothing and refuses nothing.
   */
  tryReserve(resource: Resource, amount: number): ResourceScope | undefined {
    if (!(amount >= 0)) throw new InvalidParametersError(`cannot reserve ${amount} of ${resource}`)
    if (this._closed) return undefined
    const index = indexes[resource]
    const exhausted = this._exhaustedScope(index, amount)
    if (exhausted !== undefined) {
      this._ledger.count(exhausted.kind, resource)
      return exhausted
    }
    this._used[index]! += amount
    if (this._held !== this._used) this._held[index]! += amount
    for (const scope of this._above) scope._used[index]! += amount
    if (index === memory) this._useMemory(amount)
    return undefined
  }

  /** Gives back what was reserved in this very scope: never more than that, so that a second call does no harm. */
  release(resource: Resource, amount: number = 1): void {
    this._release(indexes[resource], amount)
  }

  /**
   * Holds bytes that wait to be sent: as `unsent` here and above, and as memory above connections, as the fixed cost does. A
   * connection's own memory is what it has to read, and may not run out for what it has to send: the remote's word that it
   * takes more comes the same way.
   *
   * Returns the bytes that are held: all, or, where they do not fit and `allowPart`, half of the room that there is, so that
   * whoever waits for `drain` may send any amount at once and others find room. Throws `ResourceLimitError`, and holds
   * nothing, if there is none.
   */
  holdUnsent(bytes: number, allowPart: boolean): number {
    if (this._closed) return 0
    let exhausted = this._exhaustedByUnsent(bytes)
    while (exhausted !== undefined && exhausted._fits(unsent, bytes) && this._makeRoomIn(exhausted)) {
      exhausted = this._exhaustedByUnsent(bytes)
    }
    if (exhausted === undefined) {
      this._addUnsent(bytes)
      return bytes
    }
    const room = this._unsentRoom()
    if (allowPart && room >= leastUnsentRoom) {
      const part = Math.floor(room / 2)
      this._addUnsent(part)
      return part
    }
    const resource = exhausted._fits(unsent, bytes) ? 'memory' : 'unsent'
    this._ledger.count(exhausted.kind, resource)
    throw exhausted.refusal(resource, bytes)
  }

  /** Gives back what `holdUnsent()` has held: never more than that. */
  releaseUnsent(bytes: number): void {
    const given = Math.min(bytes, this._held[unsent]!)
    if (!(given > 0)) return
    this._release(unsent, given)
    this._overhead -= given
    this._useMemory(-given)
    for (const scope of this._above) if (scope.kind !== 'connection') scope._give(memory, given)
  }

  /** The first scope, from this one upwards, that has no room for so much more. */
  exhaustedScope(resource: Resource, amount: number): ResourceScope | undefined {
    const index = indexes[resource]
    if (!this._fits(index, amount)) return this
    for (const scope of this._above) if (!this._fitsIn(scope, index, amount)) return scope
    return undefined
  }

  /** The error for what this scope has refused. */
  refusal(resource: Resource, requested: number): ResourceLimitError {
    return new ResourceLimitError({
      scope: this.kind,
      scopeName: this.name,
      resource,
      limit: this.limit(resource),
      current: this.used(resource),
      requested,
      option: this._ledger.option(this.kind, this.name, resource)
    })
  }

  /**
   * Calls `callback` once, when this scope has memory to spare again. It is called inside `release()`: it takes note, and
   * acts later.
   */
  onRelief(callback: () => void): void {
    this._waiting ??= new Set()
    this._waiting.add(callback)
  }

  /** Takes such a callback back. */
  offRelief(callback: () => void): void {
    this._waiting?.delete(callback)
  }

  /** Gives back everything that is held, here and in the scopes that this one owns. Calling it again does nothing. */
  close(): void {
    if (this._closed) return
    if (this._children !== undefined) for (const child of [...this._children]) child.close()
    this._closed = true
    for (let index = 0; index < resources.length; index++) this._release(index, this._held[index]!)
    this._useMemory(-this._overhead)
    for (const scope of this._above) if (scope.kind !== 'connection') scope._give(memory, this._overhead)
    this._overhead = 0
    if (this._owner !== undefined) this._owner._children?.delete(this)
    this._waiting = undefined
  }

  /**
   * Charges the fixed cost of this scope, in bytes and once, to those above that are no connection: a connection's own
   * limit, and a stream's, are for payload. Throws `ResourceLimitError` and changes nothing if they have no room.
   */
  protected reserveOverhead(bytes: number): void {
    for (const scope of this._above) {
      if (scope.kind === 'connection') continue
      while (!this._fitsIn(scope, memory, bytes)) {
        if (this._makeRoomIn(scope)) continue
        this._ledger.count(scope.kind, 'memory')
        throw scope.refusal('memory', bytes)
      }
    }
    this._overhead = bytes
    for (const scope of this._above) if (scope.kind !== 'connection') scope._used[memory]! += bytes
    // A connection has its own fixed cost beside what it was promised.
    if (this.kind !== 'connection') this._useMemory(bytes)
  }

  /** Promises the connection so much of the root's memory; 0 ends that. It counts as taken there at once, if there is room. */
  protected pledge(bytes: number): void {
    if (this._closed || this._pledge === undefined) return
    this._root._pledged += this._pledge.resize(bytes)
  }

  /** Bytes of the root's memory that all connections were promised and do not use. */
  protected get pledgedInAll(): number {
    return this._root._pledged
  }

  /**
   * Puts this scope under other parents: what it holds moves there. Its owner stays. Throws `ResourceLimitError` and
   * changes nothing if they have no room.
   */
  protected setParents(parents: readonly ResourceScope[]): void {
    if (this._closed) return
    if (this._children !== undefined && this._children.size > 0) {
      throw new InvalidParametersError('a scope with others in it cannot be moved')
    }
    const before = this._above
    const after = allAbove(parents)
    const joined = after.filter(scope => !before.includes(scope))
    const left = before.filter(scope => !after.includes(scope))
    for (const scope of joined) this._checkRoomIn(scope)
    this._above = after
    for (let index = 0; index < resources.length; index++) {
      if (this._held[index] === 0 && index !== memory) continue
      for (const scope of joined) scope._used[index]! += this._moves(index, scope)
      for (const scope of left) scope._give(index, this._moves(index, scope))
    }
  }

  /** The most that it may hold. */
  protected get limits(): Readonly<Counts> {
    return this._limits
  }

  /** Other limits from now on. What is held stays. */
  protected set limits(limits: Readonly<Counts>) {
    this._limits = limits
  }

  private _fits(index: number, amount: number): boolean {
    return this._used[index]! + amount <= this._limits[index]! - (index === memory ? this._pledged : 0)
  }

  /** Whether so much more of this scope fits in one above it. What the connection was promised of the root is its own. */
  private _fitsIn(scope: ResourceScope, index: number, amount: number): boolean {
    if (index !== memory || scope._pledged === 0 || this._pledge === undefined) return scope._fits(index, amount)
    const { unused } = this._pledge
    return amount <= unused ? scope._room(memory) >= amount : scope._fits(index, amount - unused)
  }

  private _exhaustedScope(index: number, amount: number): ResourceScope | undefined {
    const resource = resources[index]!
    let exhausted = this.exhaustedScope(resource, amount)
    if (index !== memory) return exhausted
    while (exhausted !== undefined && this._makeRoomIn(exhausted)) exhausted = this.exhaustedScope(resource, amount)
    return exhausted
  }

  /** Whether someone has given way in a full root for this scope. */
  private _makeRoomIn(full: ResourceScope): boolean {
    return full._owner === undefined && full !== this && this._ledger.makeRoom?.(full, this) === true
  }

  /** Memory that counts above connections has grown by so much, or shrunk. */
  private _useMemory(bytes: number): void {
    if (this._pledge === undefined || bytes === 0) return
    this._root._pledged += this._pledge.hold(bytes)
  }

  private _checkRoomIn(scope: ResourceScope): void {
    for (let index = 0; index < resources.length; index++) {
      const amount = this._moves(index, scope)
      if (amount === 0 || scope._fits(index, amount)) continue
      const resource = resources[index]!
      this._ledger.count(scope.kind, resource)
      throw scope.refusal(resource, amount)
    }
  }

  private _exhaustedByUnsent(bytes: number): ResourceScope | undefined {
    if (!this._fits(unsent, bytes)) return this
    return this._above.find(
      scope => !scope._fits(unsent, bytes) || (scope.kind !== 'connection' && !this._fitsIn(scope, memory, bytes))
    )
  }

  private _unsentRoom(): number {
    let room = this._room(unsent)
    for (const scope of this._above) {
      const ofMemory = scope.kind === 'connection' ? room : this._memoryRoomIn(scope)
      room = Math.min(room, scope._room(unsent), ofMemory)
    }
    return room
  }

  private _room(index: number): number {
    return this._limits[index]! - this._used[index]!
  }

  private _memoryRoomIn(scope: ResourceScope): number {
    const own = scope._pledged === 0 ? 0 : (this._pledge?.unused ?? 0)
    return scope._room(memory) - scope._pledged + own
  }

  private _addUnsent(bytes: number): void {
    this._used[unsent]! += bytes
    if (this._held !== this._used) this._held[unsent]! += bytes
    this._overhead += bytes
    for (const scope of this._above) {
      scope._used[unsent]! += bytes
      if (scope.kind !== 'connection') scope._used[memory]! += bytes
    }
    this._useMemory(bytes)
  }

  private _moves(index: number, to: ResourceScope): number {
    return this._held[index]! + (index === memory && to.kind !== 'connection' ? this._overhead : 0)
  }

  private _release(index: number, amount: number): void {
    const given = Math.min(amount, this._held[index]!)
    if (!(given > 0)) return
    if (this._held !== this._used) this._held[index]! -= given
    if (index === memory) this._useMemory(-given)
    this._give(index, given)
    for (const scope of this._above) scope._give(index, given)
  }

  private _give(index: number, amount: number): void {
    this._used[index]! -= amount
    if (
      this._waiting === undefined ||
      index !== memory ||
      this._used[memory]! + this._pledged > this._limits[memory]! * relief
    )
      return
    const waiting = this._waiting
    this._waiting = undefined
    for (const callback of waiting) callback()
  }
}

function allAbove(parents: readonly ResourceScope[]): readonly ResourceScope[] {
  const [owner] = parents
  if (owner === undefined) return []
  // There are at most six in all: a set would cost more than it saves.
  const above = [owner, ...owner.above]
  for (const parent of parents) {
    if (!above.includes(parent)) above.push(parent)
    for (const scope of parent.above) if (!above.includes(scope)) above.push(scope)
  }
  return above
}
