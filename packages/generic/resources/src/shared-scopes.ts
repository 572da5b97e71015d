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
  private readonly _refusals: Refusals
  readonly system: ResourceScope
  readonly transient: ResourceScope
  private readonly _named: Record<SharedKind, Map<string, NamedScope>> = {
    service: new Map(),
    protocol: new Map(),
    peer: new Map()
  }

  /** Lets someone give way where the node's memory is used up. */
  readonly makeRoom: NonNullable<Ledger['makeRoom']>

  constructor(table: LimitTable, refusals: Refusals, makeRoom: NonNullable<Ledger['makeRoom']>) {
    this.table = table
    this._refusals = refusals
    this.makeRoom = makeRoom
    this.system = new ResourceScope(this._init('system', '', []))
    this.transient = new ResourceScope(this._init('transient', '', [this.system]))
  }

  /** The scopes with a name that someone is in. */
  get named(): ResourceScope[] {
    return Object.values(this._named).flatMap(scopes => [...scopes.values()])
  }

  option(kind: ScopeKind, name: string, resource: Resource): string {
    return this.table.option(kind, name, resource)
  }

  count(kind: ScopeKind, resource: Resource): void {
    this._refusals.count(kind, resource)
  }

  /** The scope of that name, for one more user. */
  enter(kind: SharedKind, name: string): ResourceScope {
    const scopes = this._named[kind]
    let scope = scopes.get(name)
    if (scope === undefined) {
      scope = new NamedScope(this._init(kind, name, [this.system]))
      scopes.set(name, scope)
    }
    scope.users++
    return scope
  }

  /** One user less. */
  leave(scope: ResourceScope): void {
    const named = this._named[scope.kind as SharedKind]
    const found = named?.get(scope.name)
    if (found !== scope || --found.users > 0) return
    named.delete(scope.name)
    scope.close()
  }

  private _init(kind: ScopeKind, name: string, parents: readonly ResourceScope[]): ScopeInit {
    return { kind, name, parents, limits: this.table.of(kind, name), ledger: this }
  }
}
