import type { Resource, ScopeKind } from './resources.ts'

/** How often a scope of one kind had no room for a resource. */
export interface RefusalCount {
  /** The kind of scope. */
  scope: ScopeKind
  /** What there was no room for. */
  resource: Resource
  /** How often. */
  count: number
}

/** Counts refusals by kind of scope and resource: at most 63 counts, whoever is refused. */
export class Refusals {
  private readonly _counts = new Map<string, RefusalCount>()

  count(scope: ScopeKind, resource: Resource): void {
    const key = `${scope} ${resource}`
    const entry = this._counts.get(key)
    if (entry === undefined) this._counts.set(key, { scope, resource, count: 1 })
    else entry.count++
  }

  /** Those that are not 0, as copies. */
  list(): RefusalCount[] {
    return [...this._counts.values()].map(entry => ({ ...entry }))
  }
}
