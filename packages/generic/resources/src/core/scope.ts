/**
 * One account in a tree of accounts. What a scope reserves counts in it and in everything above it, in each scope once
 * however many ways lead there; either all of them have room, or nothing changes.
 */
import { InvalidParametersError } from '@weft/errors'
import { ResourceLimitError } from '../errors.ts'
import type { Refusals } from './refusals.ts'
import { type Amounts, amounts, type Resource, resources, type ScopeKind } from './resources.ts'

/** What a scope is made of. */
export interface ScopeInit {
  kind: ScopeKind
  /** Which one of its kind; empty where there is only one. */
  name: string
  /** The most that it may hold. It is read at each reservation, so that it can be changed. */
  limits: Readonly<Amounts>
  /** The option that changes the limit of a resource. */
  option: (resource: Resource) => string
  /** Where a refusal is counted. */
  refusals: Refusals
  /** The scopes directly above. The first one owns this one: closing it closes this one. None for a root. */
  parents: readonly ResourceScope[]
}

// Whoever waits for memory is told when this part of it is in use: told at the first free byte, it would wait again.
const relief = 0.75

/** One account: what it and everything below it hold, and the most that they may. */
export class ResourceScope {
  /** Whose account it is. */
  readonly kind: ScopeKind
  /** Which one of its kind; empty where there is only one. */
  readonly name: string
  #limits: Readonly<Amounts>
  readonly #option: (resource: Resource) => string
  readonly #refusals: Refusals
  readonly #owner: ResourceScope | undefined
  /** Everything above, each once. */
  #above: readonly ResourceScope[]
  #children: Set<ResourceScope> | undefined
  /** What was reserved in this scope itself. */
  readonly #held: Amounts = amounts(0)
  /** That, and what is reserved below. */
  readonly #used: Amounts = amounts(0)
  /** Bytes of memory that are counted above but not here, and not in any connection. */
  #overhead = 0
  #waiting: Set<() => void> | undefined
  #closed = false

  constructor(init: ScopeInit) {
    this.kind = init.kind
    this.name = init.name
    this.#limits = init.limits
    this.#option = init.option
    this.#refusals = init.refusals
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
    return { ...this.#used }
  }

  /** What this scope and all below it hold of one resource. */
  used(resource: Resource): number {
    return this.#used[resource]
  }

  /** The most that this scope may hold of one resource. */
  limit(resource: Resource): number {
    return this.#limits[resource]
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
      this.#refusals.count(refusing.kind, resource)
      return refusing
    }
    this.#held[resource] += amount
    this.#used[resource] += amount
    for (const scope of this.#above) scope.#used[resource] += amount
    return undefined
  }

  /** Gives back what was reserved in this very scope: never more than that, so that a second call does no harm. */
  release(resource: Resource, amount: number = 1): void {
    const given = Math.min(amount, this.#held[resource])
    if (!(given > 0)) return
    this.#held[resource] -= given
    this.#give(resource, given)
    for (const scope of this.#above) scope.#give(resource, given)
  }

  /** The first scope, from this one upwards, that has no room for so much more. */
  refusing(resource: Resource, amount: number): ResourceScope | undefined {
    if (this.#used[resource] + amount > this.#limits[resource]) return this
    for (const scope of this.#above) {
      if (scope.#used[resource] + amount > scope.#limits[resource]) return scope
    }
    return undefined
  }

  /** The error for what this scope has refused. */
  refusal(resource: Resource, requested: number): ResourceLimitError {
    return new ResourceLimitError({
      scope: this.kind,
      scopeName: this.name,
      resource,
      limit: this.#limits[resource],
      current: this.#used[resource],
      requested,
      option: this.#option(resource)
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
    for (const child of [...(this.#children ?? [])]) child.close()
    this.#closed = true
    for (const resource of resources) this.release(resource, this.#held[resource])
    for (const scope of this.#above) if (scope.kind !== 'connection') scope.#give('memory', this.#overhead)
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
      if (scope.kind === 'connection' || scope.#used.memory + bytes <= scope.#limits.memory) continue
      this.#refusals.count(scope.kind, 'memory')
      throw scope.refusal('memory', bytes)
    }
    this.#overhead = bytes
    for (const scope of this.#above) if (scope.kind !== 'connection') scope.#used.memory += bytes
  }

  /**
   * Puts this scope under other parents: what it holds moves there. Its owner stays. Throws `ResourceLimitError` and
   * changes nothing if they have no room.
   */
  protected setParents(parents: readonly ResourceScope[]): void {
    if (this.#closed) return
    for (const _ of this.children) throw new InvalidParametersError('a scope with others in it cannot be moved')
    const before = this.#above
    const after = allAbove(parents)
    const entered = after.filter(scope => !before.includes(scope))
    for (const scope of entered) {
      for (const resource of resources) {
        const amount = this.#moves(resource, scope)
        if (amount === 0 || scope.#used[resource] + amount <= scope.#limits[resource]) continue
        this.#refusals.count(scope.kind, resource)
        throw scope.refusal(resource, amount)
      }
    }
    this.#above = after
    for (const resource of resources) {
      for (const scope of entered) scope.#used[resource] += this.#moves(resource, scope)
      for (const scope of before) if (!after.includes(scope)) scope.#give(resource, this.#moves(resource, scope))
    }
  }

  /** The most that it may hold. */
  protected get limits(): Readonly<Amounts> {
    return this.#limits
  }

  /** Other limits from now on. What is held stays. */
  protected set limits(limits: Readonly<Amounts>) {
    this.#limits = limits
  }

  #moves(resource: Resource, to: ResourceScope): number {
    return this.#held[resource] + (resource === 'memory' && to.kind !== 'connection' ? this.#overhead : 0)
  }

  #give(resource: Resource, amount: number): void {
    this.#used[resource] -= amount
    if (this.#waiting === undefined || resource !== 'memory' || this.#used.memory > this.#limits.memory * relief) return
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const callback of waiting) callback()
  }
}

function allAbove(parents: readonly ResourceScope[]): readonly ResourceScope[] {
  const all = new Set<ResourceScope>()
  for (const parent of parents) {
    all.add(parent)
    for (const scope of parent.above) all.add(scope)
  }
  return [...all]
}
