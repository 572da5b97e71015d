import type { LimitRow } from '@weft/interface-inspection'
import type { ResourceManager } from '@weft/resources'
import { admissionRules } from '../admission/limit-rules.ts'
import { admissionLimits } from '../admission/options.ts'
import type { AdmissionUsage } from '../core/admission/admission.ts'
import type { AdmissionLimits, RefusalReason } from '../core/admission/limits.ts'

/** What a running node's admission tells of itself. */
export interface AdmissionView {
  readonly limits: Readonly<AdmissionLimits>
  readonly most: AdmissionUsage
  readonly refused: Readonly<Record<RefusalReason, number>>
}

/**
 * The limits of a node: of its accounts, then of single addresses, networks and peers. `running`: with what is held, and
 * what was refused.
 *
 * @param admission - that of a running node; without it the rows have the defaults
 */
export function limitRows(manager: ResourceManager, running: boolean, admission?: AdmissionView): LimitRow[] {
  return [...accountRows(manager, running), ...admissionRows(running, admission)]
}

function accountRows(manager: ResourceManager, running: boolean): LimitRow[] {
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
      value: finite(value),
      ...{ unit, option, reason },
      // What streams hold is not listed: they are too many.
      ...(running && scope !== 'stream' ? { used: Math.max(0, ...amounts) } : {}),
      ...(running ? { refused: refusal?.count ?? 0 } : {})
    }
  })
}

function admissionRows(running: boolean, admission: AdmissionView | undefined): LimitRow[] {
  // A connection manager of another implementation has limits of its own.
  if (running && admission === undefined) return []
  const limits = admission?.limits ?? admissionLimits({})
  const most = admission?.most
  return admissionRules.map(({ scope, resource, limit, unit, option, refusal, used, reason }) => ({
    scope,
    resource,
    value: finite(limits[limit]),
    ...{ unit, option, reason },
    ...(used === undefined || most === undefined ? {} : { used: most[used] }),
    ...(admission === undefined ? {} : { refused: admission.refused[refusal] })
  }))
}

function finite(value: number): number | null {
  return value === Number.POSITIVE_INFINITY ? null : value
}
