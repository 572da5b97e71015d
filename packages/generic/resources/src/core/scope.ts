/**
 * One account in a tree of accounts. What a scope reserves counts in it and in everything above it, in each scope once
 * however many ways lead there; either all of them have room, or nothing changes.
 */
import { InvalidParametersError } from '@weft/errors'
import { ResourceLimitError } from '../errors.ts'
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
export interface Carrier {
  /** Ends it at once. */
  abort(error: Error): void
}

/** What all scopes of a tree have in common. */
export interface Ledger {
  /** The option that changes a limit. */
  option(kind: ScopeKind, name: string, resource: Resource): string
  /** A scope of that kind has refused something. */
  count(kind: ScopeKind, resource: Resource): void
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
  #limits: Readonly<Counts>
  readonly #ledger: Ledger
  readonly #owner: ResourceScope | undefined
  /** Everything above, each once. */
  #above: readonly ResourceScope[]
  #children: Set<ResourceScope> | undefined
  /** What this scope and all below it hold. */
  readonly #used: Counts = counts(0)
  /** What was reserved in this scope itself. Below a stream there is nothing: for it both are one. */
  readonly #held: Counts
  /** Bytes of memory that are counted above but not here, and not in any connection: the fixed cost, and what is unsent. */
  #overhead = 0
  #waiting: Set<() => void> | undefined
  #closed = false

  constructor(init: ScopeInit) {
    this.kind = init.kind
    this.name = init.name
    this.#limits = init.limits
    this.#ledger = init.ledger
    this.#held = init.kind === 'stream' ? this.#used : counts(0)
    this.#owner = init.parents[0]
    this.#above = allAbove(init.parents)
    if (this.#owner !== undefined) (this.#owner.#children ??= new Set()).add(this)
  }

  /** Whether `close()` was called. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** The scope that closes this one; none for a root. */
  get owner(): ResourceScope | undefined {
    return this.#owner
  }

  /** Everything above, each once. */
  get above(): readonly ResourceScope[] {
    return this.#above
  }

  /** The scopes that this one owns. */
  get children(): Iterable<ResourceScope> {
    return this.#children ?? []
  }

  /** What this scope and all below it hold, as a copy. */
  usage(): Amounts {
    return amountsOf(this.#used)
  }

  /** What this scope and all below it hold of one resource. */
  used(resource: Resource): number {
    return this.#used[indexes[resource]]!
  }

  /** The most that this scope may hold of one resource. */
  limit(resource: Resource): number {
    return this.#limits[indexes[resource]]!
  }

  /** Whether what this scope holds counts in another. */
  countsIn(scope: ResourceScope): boolean {
    return scope === this || this.#above.includes(scope)
  }

  /** Reserves, or throws `ResourceLimitError` and changes nothing. Whole numbers of 0 or more. */
  reserve(resource: Resource, amount: number = 1): void {
    const refusing = this.tryReserve(resource, amount)
    if (refusing !== undefined) throw refusing.refusal(resource, amount)
  }

  /**
   * Reserves and returns `undefined`, or changes nothing and returns the scope that has no room: without the cost of an
   * error. A closed scope reserves nothing and refuses nothing.
   */
  tryReserve(resource: Resource, amount: number): ResourceScope | undefined {
    if (!(amount >= 0)) throw new InvalidParametersError(`cannot reserve ${amount} of ${resource}`)
    if (this.#closed) return undefined
    const refusing = this.refusing(resource, amount)
    if (refusing !== undefined) {
      this.#ledger.count(refusing.kind, resource)
      return refusing
    }
    const index = indexes[resource]
    this.#used[index]! += amount
    if (this.#held !== this.#used) this.#held[index]! += amount
    for (const scope of this.#above) scope.#used[index]! += amount
    return undefined
  }

  /** Gives back what was reserved in this very scope: never more than that, so that a second call does no harm. */
  release(resource: Resource, amount: number = 1): void {
    this.#release(indexes[resource], amount)
  }

  /**
   * Holds bytes that wait to be sent: as `unsent` here and above, and as memory above connections, as the fixed cost does. A
   * connection's own memory is what it has to read, and may not run out for what it has to send: the remote's word that it
   * takes more comes the same way.
   *
   * Returns the bytes that are held: all, or, where they do not fit and `isPatient`, half of the room that there is, so that
   * whoever waits for `drain` may send any amount at once and others find room. Throws `ResourceLimitError`, and holds
   * nothing, if there is none.
   */
  holdUnsent(bytes: number, isPatient: boolean): number {
    if (this.#closed) return 0
    const refusing = this.#refusingUnsent(bytes)
    if (refusing === undefined) {
      this.#addUnsent(bytes)
      return bytes
    }
    const room = this.#unsentRoom()
    if (isPatient && room >= leastUnsentRoom) {
      const part = Math.floor(room / 2)
      this.#addUnsent(part)
      return part
    }
    const resource = refusing.#fits(unsent, bytes) ? 'memory' : 'unsent'
    this.#ledger.count(refusing.kind, resource)
    throw refusing.refusal(resource, bytes)
  }

  /** Gives back what `holdUnsent()` has held: never more than that. */
  releaseUnsent(bytes: number): void {
    const given = Math.min(bytes, this.#held[unsent]!)
    if (!(given > 0)) return
    this.#release(unsent, given)
    this.#overhead -= given
    for (const scope of this.#above) if (scope.kind !== 'connection') scope.#give(memory, given)
  }

  /** The first scope, from this one upwards, that has no room for so much more. */
  refusing(resource: Resource, amount: number): ResourceScope | undefined {
    const index = indexes[resource]
    if (!this.#fits(index, amount)) return this
    for (const scope of this.#above) if (!scope.#fits(index, amount)) return scope
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
      option: this.#ledger.option(this.kind, this.name, resource)
    })
  }

  /**
   * Calls `callback` once, when this scope has memory to spare again. It is called inside `release()`: it takes note, and
   * acts later.
   */
  onRelief(callback: () => void): void {
    this.#waiting ??= new Set()
    this.#waiting.add(callback)
  }

  /** Takes such a callback back. */
  offRelief(callback: () => void): void {
    this.#waiting?.delete(callback)
  }

  /** Gives back everything that is held, here and in the scopes that this one owns. Calling it again does nothing. */
  close(): void {
    if (this.#closed) return
    if (this.#children !== undefined) for (const child of [...this.#children]) child.close()
    this.#closed = true
    for (let index = 0; index < resources.length; index++) this.#release(index, this.#held[index]!)
    for (const scope of this.#above) if (scope.kind !== 'connection') scope.#give(memory, this.#overhead)
    this.#overhead = 0
    if (this.#owner !== undefined) this.#owner.#children?.delete(this)
    this.#waiting = undefined
  }

  /**
   * Charges the fixed cost of this scope, in bytes and once, to those above that are no connection: a connection's own
   * limit, and a stream's, are for payload. Throws `ResourceLimitError` and changes nothing if they have no room.
   */
  protected reserveOverhead(bytes: number): void {
    for (const scope of this.#above) {
      if (scope.kind === 'connection' || scope.#fits(memory, bytes)) continue
      this.#ledger.count(scope.kind, 'memory')
      throw scope.refusal('memory', bytes)
    }
    this.#overhead = bytes
    for (const scope of this.#above) if (scope.kind !== 'connection') scope.#used[memory]! += bytes
  }

  /**
   * Puts this scope under other parents: what it holds moves there. Its owner stays. Throws `ResourceLimitError` and
   * changes nothing if they have no room.
   */
  protected setParents(parents: readonly ResourceScope[]): void {
    if (this.#closed) return
    if (this.#children !== undefined && this.#children.size > 0) {
      throw new InvalidParametersError('a scope with others in it cannot be moved')
    }
    const before = this.#above
    const after = allAbove(parents)
    for (const scope of after) if (!before.includes(scope)) this.#checkRoomIn(scope)
    this.#above = after
    for (let index = 0; index < resources.length; index++) {
      if (this.#held[index] === 0 && index !== memory) continue
      for (const scope of after) if (!before.includes(scope)) scope.#used[index]! += this.#moves(index, scope)
      for (const scope of before) if (!after.includes(scope)) scope.#give(index, this.#moves(index, scope))
    }
  }

  /** The most that it may hold. */
  protected get limits(): Readonly<Counts> {
    return this.#limits
  }

  /** Other limits from now on. What is held stays. */
  protected set limits(limits: Readonly<Counts>) {
    this.#limits = limits
  }

  #fits(index: number, amount: number): boolean {
    return this.#used[index]! + amount <= this.#limits[index]!
  }

  #checkRoomIn(scope: ResourceScope): void {
    for (let index = 0; index < resources.length; index++) {
      const amount = this.#moves(index, scope)
      if (amount === 0 || scope.#fits(index, amount)) continue
      const resource = resources[index]!
      this.#ledger.count(scope.kind, resource)
      throw scope.refusal(resource, amount)
    }
  }

  #refusingUnsent(bytes: number): ResourceScope | undefined {
    if (!this.#fits(unsent, bytes)) return this
    return this.#above.find(
      scope => !scope.#fits(unsent, bytes) || (scope.kind !== 'connection' && !scope.#fits(memory, bytes))
    )
  }

  #unsentRoom(): number {
    let room = this.#room(unsent)
    for (const scope of this.#above) {
      room = Math.min(room, scope.#room(unsent), scope.kind === 'connection' ? room : scope.#room(memory))
    }
    return room
  }

  #room(index: number): number {
    return this.#limits[index]! - this.#used[index]!
  }

  #addUnsent(bytes: number): void {
    this.#used[unsent]! += bytes
    if (this.#held !== this.#used) this.#held[unsent]! += bytes
    this.#overhead += bytes
    for (const scope of this.#above) {
      scope.#used[unsent]! += bytes
      if (scope.kind !== 'connection') scope.#used[memory]! += bytes
    }
  }

  #moves(index: number, to: ResourceScope): number {
    return this.#held[index]! + (index === memory && to.kind !== 'connection' ? this.#overhead : 0)
  }

  #release(index: number, amount: number): void {
    const given = Math.min(amount, this.#held[index]!)
    if (!(given > 0)) return
    if (this.#held !== this.#used) this.#held[index]! -= given
    this.#give(index, given)
    for (const scope of this.#above) scope.#give(index, given)
  }

  #give(index: number, amount: number): void {
    this.#used[index]! -= amount
    if (this.#waiting === undefined || index !== memory || this.#used[memory]! > this.#limits[memory]! * relief) return
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const callback of waiting) callback()
  }
}

function allAbove(parents: readonly ResourceScope[]): readonly ResourceScope[] {
  const [owner] = parents
  if (owner === undefined) return []
  // There are at most six in all: a set would cost more than it saves.
  const others: ResourceScope[] = []
  const isNew = (scope: ResourceScope): boolean =>
    scope !== owner && !owner.above.includes(scope) && !others.includes(scope)
  for (const parent of parents) {
    if (isNew(parent)) others.push(parent)
    for (const scope of parent.above) if (isNew(scope)) others.push(scope)
  }
  return [owner, ...owner.above, ...others]
}
