import type { LimitTable } from './core/limits.ts'
import type { Resource, ScopeKind } from './core/resources.ts'
import type { Refusals } from './core/refusals.ts'
import { type Ledger, ResourceScope, type ScopeInit } from './core/scope.ts'

type SharedKind = Extract<ScopeKind, 'service' | 'protocol' | 'peer'>

/** A scope with a name, and how many are in it. */
class NamedScope extends ResourceScope {
  users = 0
}

/** The scopes that connections and streams have in common. Those with a name are there as long as someone is in them. */
export class SharedScopes implements Ledger {
  readonly table: LimitTable
  readonly #refusals: Refusals
  readonly system: ResourceScope
  readonly transient: ResourceScope
  readonly #named: Record<SharedKind, Map<string, NamedScope>> = {
    service: new Map(),
    protocol: new Map(),
    peer: new Map()
  }

  constructor(table: LimitTable, refusals: Refusals) {
    this.table = table
    this.#refusals = refusals
    this.system = new ResourceScope(this.#init('system', '', []))
    this.transient = new ResourceScope(this.#init('transient', '', [this.system]))
  }

  /** The scopes with a name that someone is in. */
  get named(): ResourceScope[] {
    return Object.values(this.#named).flatMap(scopes => [...scopes.values()])
  }

  option(kind: ScopeKind, name: string, resource: Resource): string {
    return this.table.option(kind, name, resource)
  }

  count(kind: ScopeKind, resource: Resource): void {
    this.#refusals.count(kind, resource)
  }

  /** The scope of that name, for one more user. */
  enter(kind: SharedKind, name: string): ResourceScope {
    const scopes = this.#named[kind]
    let scope = scopes.get(name)
    if (scope === undefined) {
      scope = new NamedScope(this.#init(kind, name, [this.system]))
      scopes.set(name, scope)
    }
    scope.users++
    return scope
  }

  /** One user less. */
  leave(scope: ResourceScope): void {
    if (!(scope instanceof NamedScope) || --scope.users > 0) return
    this.#named[scope.kind as SharedKind].delete(scope.name)
    scope.close()
  }

  #init(kind: ScopeKind, name: string, parents: readonly ResourceScope[]): ScopeInit {
    return { kind, name, parents, limits: this.table.of(kind, name), ledger: this }
  }
}
