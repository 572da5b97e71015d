import { WeftError } from '@weft/errors'
import { type Resource, type ScopeKind, units } from './core/resources.ts'

/** The fields of a `ResourceLimitError`. */
export interface ResourceLimitFacts {
  /** The kind of the scope that refused. */
  scope: ScopeKind
  /** Which one of that kind: a protocol, a service, a peer id, the id of a connection; empty where there is only one. */
  scopeName: string
  /** What there would have been too much of. */
  resource: Resource
  /** The most that the scope may hold. */
  limit: number
  /** What it holds. */
  current: number
  /** What was asked for; 0 for what was ended because it held the most for too long. */
  requested: number
  /** The option that changes the limit. */
  option: string
}

/** A reservation would have exceeded the limit of a scope. Its fields are those of `ResourceLimitFacts`. */
export class ResourceLimitError extends WeftError {
  /** The kind of the scope that refused. */
  declare readonly scope: ScopeKind
  /** Which one of that kind; empty where there is only one. */
  declare readonly scopeName: string
  /** What there would have been too much of. */
  declare readonly resource: Resource
  /** The most that the scope may hold. */
  declare readonly limit: number
  /** What it holds. */
  declare readonly current: number
  /** What was asked for; 0 for what was ended because it held the most for too long. */
  declare readonly requested: number
  /** The option that changes the limit. */
  declare readonly option: string

  constructor(facts: ResourceLimitFacts) {
    const { scope, scopeName, resource, limit, current, requested, option } = facts
    const whose = scopeName === '' ? scope : `${scope} ${scopeName}`
    const what = resource === units[resource] ? resource : `${units[resource]} (${resource})`
    super(
      'ResourceLimitError',
      'ERR_RESOURCE_LIMIT',
      `the ${whose} holds ${current} of at most ${limit} ${what}, ${consequenceOf(requested)}: option ${option}`,
      { facts: { ...facts } }
    )
  }
}

function consequenceOf(requested: number): string {
  if (requested === 0) return 'for too long, and this held the most of them'
  return requested === 1 ? 'and one more was refused' : `and ${requested} more were refused`
}
