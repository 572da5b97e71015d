/**
 * One account in a tree of accounts. A reservation is counted in the scope and in every scope above it, once in each,
 * even if several paths lead there. If one of them has no room, none is changed.
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

/** Something that can be aborted to free its resources. */
export interface Abortable {
  /** Ends it at once. */
  abort(error: Error): void
}

/** State shared by all scopes of a tree. */
export interface Ledger {
  /** The option that changes a limit. */
  option(kind: ScopeKind, name: string, resource: Resource): string
  /** Called when a scope of that kind has refused a reservation. */
  count(kind: ScopeKind, resource: Resource): void
  /**
   * Called when `asking` needs memory that `full` lacks: may evict a much larger user. Returns whether it did. The
   * evicted user's memory is released when this returns; it is aborted later.
   */
  makeRoom?(full: ResourceScope, asking: ResourceScope): boolean
}

/** Options of a scope. */
export interface ScopeInit {
  kind: ScopeKind
  /** Which one of its kind; empty where there is only one. */
  name: string
  /** Its limits. They are read at each reservation, so they can be changed. */
  limits: Readonly<Counts>
  ledger: Ledger
  /** The scopes directly above. The first one owns this one: closing it closes this one. None for a root. */
  parents: readonly ResourceScope[]
  /** The connection's reservation of the root's memory: one object for it and its streams. */
  pledge?: Pledge | undefined
}

const { memory, unsent } = indexes
// Waiting callbacks are called when usage has fallen to this part: called at the first free byte, they would wait
// again.
const relief = 0.75
// A write that does not fit takes half of the remaining room; with less than this, in bytes, it is refused.
const leastUnsentRoom = 128 * 1024

/** One account: the usage of it and of everything below it, and its limits. */
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
  /** Usage of this scope and all below it. */
  private readonly _used: Counts = counts(0)
  /** Reservations made in this scope itself. Nothing is below a stream: for it both are the same. */
  private readonly _held: Counts
  /** Memory in bytes that is counted above but not here, nor in any connection: fixed overhead and unsent data. */
  private _overhead = 0
  private readonly _pledge: Pledge | undefined
  private readonly _root: ResourceScope
  /** In a root: reserved memory that connections do not use. It counts as used, except for the connection itself. */
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

  /** Usage of this scope and all below it, as a copy. */
  usage(): Amounts {
    return amountsOf(this._used)
  }

  /** Usage of one resource by this scope and all below it. */
  used(resource: Resource): number {
    return this._used[indexes[resource]]!
  }

  /** The limit of one resource. */
  limit(resource: Resource): number {
    return this._limits[indexes[resource]]!
  }

  /** Whether usage of this scope is also counted in another. */
  countsIn(scope: ResourceScope): boolean {
    return scope === this || this._above.includes(scope)
  }

  /** Reserves, or throws `ResourceLimitError` and changes nothing. Whole numbers of 0 or more. */
  reserve(resource: Resource, amount: number = 1): void {
    const exhausted = this.tryReserve(resource, amount)
    if (exhausted !== undefined) throw exhausted.refusal(resource, amount)
  }

  /**
   * Reserves and returns `undefined`, or changes nothing and returns the scope that has no room, without the cost of an
   * error. On a closed scope it does nothing and returns `undefined`.
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

  /** Releases a reservation made in this scope. Idempotent: never releases more than this scope reserved. */
  release(resource: Resource, amount: number = 1): void {
    this._release(indexes[resource], amount)
  }

  /**
   * Reserves unsent bytes: as `unsent` here and above, and as memory above connections, like the fixed overhead. A
   * connection's own memory is for unread data and must not be exhausted by unsent data: otherwise the remote's window
   * updates would not be read either.
   *
   * Returns the reserved bytes: all, or, if they do not fit and `allowPart` is set, half of the remaining room, so that
   * a writer that waits for `drain` may send any amount at once while others still find room. Throws
   * `ResourceLimitError`, and reserves nothing, if there is none.
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

  /** Releases what `holdUnsent()` has reserved; never more than that. */
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

  /** The error for a refused reservation. */
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
   * Calls `callback` once, when this scope has free memory again. It is called inside `release()`, so it should only
   * schedule its work.
   */
  onRelief(callback: () => void): void {
    this._waiting ??= new Set()
    this._waiting.add(callback)
  }

  /** Removes such a callback. */
  offRelief(callback: () => void): void {
    this._waiting?.delete(callback)
  }

  /** Releases everything, here and in the scopes that this one owns. Idempotent. */
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
   * Charges the fixed overhead of this scope once, in bytes, to the scopes above that are not connections: the limits
   * of connections and streams are for payload. Throws `ResourceLimitError` and changes nothing if they have no room.
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
    // The fixed overhead of a connection is not part of its reservation.
    if (this.kind !== 'connection') this._useMemory(bytes)
  }

  /**
   * Reserves memory of the root for the connection; 0 ends the reservation. It counts as used there at once, if there
   * is room.
   */
  protected pledge(bytes: number): void {
    if (this._closed || this._pledge === undefined) return
    this._root._pledged += this._pledge.resize(bytes)
  }

  /** The unused part of all reservations of the root's memory, in bytes. */
  protected get pledgedInAll(): number {
    return this._root._pledged
  }

  /**
   * Moves this scope and its usage under other parents. Its owner stays. Throws `ResourceLimitError` and changes
   * nothing if they have no room.
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

  /** Its limits. */
  protected get limits(): Readonly<Counts> {
    return this._limits
  }

  /** Changes the limits. Existing reservations stay. */
  protected set limits(limits: Readonly<Counts>) {
    this._limits = limits
  }

  private _fits(index: number, amount: number): boolean {
    return this._used[index]! + amount <= this._limits[index]! - (index === memory ? this._pledged : 0)
  }

  /**
   * Whether an additional amount of this scope fits into one above it. The connection's reservation is available to
   * itself.
   */
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

  /** Whether another user was evicted from a full root for this scope. */
  private _makeRoomIn(full: ResourceScope): boolean {
    return full._owner === undefined && full !== this && this._ledger.makeRoom?.(full, this) === true
  }

  /** Adjusts memory that is counted above connections. */
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
  // At most six in all: a set would cost more than it saves.
  const above = [owner, ...owner.above]
  for (const parent of parents) {
    if (!above.includes(parent)) above.push(parent)
    for (const scope of parent.above) if (!above.includes(scope)) above.push(scope)
  }
  return above
}
