import type { LimitView, ResourceManager } from '@weft/resources'

/** A limit of a node, as it is printed with `--json`. */
export interface LimitRow {
  scope: LimitView['scope']
  /** Which one of that kind. Absent: every one. */
  name?: string
  resource: LimitView['resource']
  /** Null: no limit. */
  value: number | null
  unit: LimitView['unit']
  /** What changes it. */
  option: string
  reason: string
  /** What is held now; of a kind that has several scopes, by the one that holds most. */
  used?: number
  /** How often there was no room. */
  refused?: number
}

/** The limits of a node. `running`: with what is held, and what was refused. */
export function limitRows(manager: ResourceManager, running: boolean): LimitRow[] {
  const usage = running ? manager.usage() : []
  const refusals = running ? manager.refusals() : []
  return manager.limits().map(({ scope, scopeName, resource, value, unit, option, reason }) => {
    const amounts = usage
      .filter(held => held.scope === scope && (scopeName === '' || held.scopeName === scopeName))
      .map(({ used }) => used[resource])
    const refusal = refusals.find(counted => counted.scope === scope && counted.resource === resource)
    return {
      scope,
      ...(scopeName === '' ? {} : { name: scopeName }),
      resource,
      value: value === Number.POSITIVE_INFINITY ? null : value,
      ...{ unit, option, reason },
      // What streams hold is not listed: they are too many.
      ...(running && scope !== 'stream' ? { used: Math.max(0, ...amounts) } : {}),
      ...(running ? { refused: refusal?.count ?? 0 } : {})
    }
  })
}
