import type { LimitRow } from '@weft/interface-inspection'
import type { ResourceManager } from '@weft/resources'

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
