import type { Resource, ScopeKind } from './resources.ts'

/** Number of refused reservations of a resource in scopes of one kind. */
export interface RefusalCount {
  /** The kind of scope. */
  scope: ScopeKind
  /** The resource. */
  resource: Resource
  /** How often. */
  count: number
}

/** Counts refusals by kind of scope and resource: at most 63 counters. */
export class Refusals {
  private readonly _counts = new Map<string, RefusalCount>()
  private readonly _onCount: ((refusal: Readonly<RefusalCount>) => void) | undefined

  /** `onCount` is called for each refusal. */
  constructor(onCount?: (refusal: Readonly<RefusalCount>) => void) {
    this._onCount = onCount
  }

  count(scope: ScopeKind, resource: Resource): void {
    const key = `${scope} ${resource}`
    const entry = this._counts.get(key) ?? { scope, resource, count: 0 }
    if (entry.count++ === 0) this._counts.set(key, entry)
    this._onCount?.(entry)
  }

  /** The counters that are not 0, as copies. */
  list(): RefusalCount[] {
    return [...this._counts.values()].map(entry => ({ ...entry }))
  }
}
