import type { LimitTable } from './core/limits.ts'
import { type Amounts, type Resource, type ScopeKind } from './core/resources.ts'
import type { Refusals } from './core/refusals.ts'
import { ResourceScope } from './core/scope.ts'

type SharedKind = Extract<ScopeKind, 'service' | 'protocol' | 'peer'>

interface Entry {
  scope: ResourceScope
  users: number
}

/** The scopes that connections and streams have in common. Those with a name are there as long as someone is in them. */
export class SharedScopes {
  readonly table: LimitTable
  readonly refusals: Refusals
  readonly system: ResourceScope
  readonly transient: ResourceScope
  readonly #named = new Map<string, Entry>()
  readonly #entries = new Map<ResourceScope, { key: string; entry: Entry }>()

  constructor(table: LimitTable, refusals: Refusals) {
    this.table = table
    this.refusals = refusals
    this.system = this.#make('system', '', table.of('system', ''), [])
    this.transient = this.#make('transient', '', table.of('transient', ''), [this.system])
  }

  /** The scopes with a name that someone is in. */
  get named(): ResourceScope[] {
    return [...this.#entries.keys()]
  }

  /** The scope of that name, for one more user. Those of peers on this machine have no limit of connections. */
  enter(kind: SharedKind, name: string, isLocal: boolean = false): ResourceScope {
    // Prefixed, so that no name of the remote is a key by itself.
    const key = `${kind}${isLocal ? ' on this machine' : ''}: ${name}`
    let entry = this.#named.get(key)
    if (entry === undefined) {
      const limits = this.table.of(kind, name)
      const scope = this.#make(kind, name, isLocal ? withoutConnections(limits) : limits, [this.system])
      entry = { scope, users: 0 }
      this.#named.set(key, entry)
      this.#entries.set(scope, { key, entry })
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

  #make(kind: ScopeKind, name: string, limits: Readonly<Amounts>, parents: readonly ResourceScope[]): ResourceScope {
    return new ResourceScope({
      ...{ kind, name, limits, parents, refusals: this.refusals },
      option: (resource: Resource) => this.table.option(kind, name, resource)
    })
  }
}

function withoutConnections(limits: Readonly<Amounts>): Readonly<Amounts> {
  const none = Number.POSITIVE_INFINITY
  return { ...limits, connections: none, connectionsInbound: none, connectionsOutbound: none }
}
