import type { LimitTable } from './core/limits.ts'
import type { Resource, ScopeKind } from './core/resources.ts'
import type { Refusals } from './core/refusals.ts'
import { type Ledger, ResourceScope } from './core/scope.ts'

type SharedKind = Extract<ScopeKind, 'service' | 'protocol' | 'peer'>

interface Entry {
  scope: ResourceScope
  users: number
}

/** The scopes that connections and streams have in common. Those with a name are there as long as someone is in them. */
export class SharedScopes implements Ledger {
  readonly table: LimitTable
  readonly #refusals: Refusals
  readonly system: ResourceScope
  readonly transient: ResourceScope
  readonly #named = new Map<string, Entry>()
  readonly #entries = new Map<ResourceScope, { key: string; entry: Entry }>()

  constructor(table: LimitTable, refusals: Refusals) {
    this.table = table
    this.#refusals = refusals
    this.system = this.#make('system', '', [])
    this.transient = this.#make('transient', '', [this.system])
  }

  /** The scopes with a name that someone is in. */
  get named(): ResourceScope[] {
    return [...this.#entries.keys()]
  }

  option(kind: ScopeKind, name: string, resource: Resource): string {
    return this.table.option(kind, name, resource)
  }

  count(kind: ScopeKind, resource: Resource): void {
    this.#refusals.count(kind, resource)
  }

  /** The scope of that name, for one more user. */
  enter(kind: SharedKind, name: string): ResourceScope {
    // Prefixed, so that no name of the remote is a key by itself.
    const key = `${kind}: ${name}`
    let entry = this.#named.get(key)
    if (entry === undefined) {
      entry = { scope: this.#make(kind, name, [this.system]), users: 0 }
      this.#named.set(key, entry)
      this.#entries.set(entry.scope, { key, entry })
    }
    entry.users++
    return entry.scope
  }

  /** One user less. */
  leave(scope: ResourceScope): void {
    const found = this.#entries.get(scope)
    if (found === undefined || --found.entry.users > 0) return
    this.#named.delete(found.key)
    this.#entries.delete(scope)
    scope.close()
  }

  #make(kind: ScopeKind, name: string, parents: readonly ResourceScope[]): ResourceScope {
    return new ResourceScope({
      ...{ kind, name, parents },
      limits: this.table.of(kind, name),
      ledger: this
    })
  }
}
