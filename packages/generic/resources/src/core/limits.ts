/** The limits of every kind of scope: defaults with their reasons, and what the options make of them. */
import { InvalidParametersError } from '@weft/errors'
import {
  type Counts,
  counts,
  indexes,
  type Resource,
  resources,
  type ScopeKind,
  scopeKinds,
  type Unit,
  units
} from './resources.ts'

/** The most that a scope may hold; `Infinity` for any amount. What is left out keeps its default. */
export type ScopeLimits = { [R in Resource]?: number | undefined }

/** The option `resourceLimits` of a node: limits by kind of scope, then by resource. */
export interface ResourceLimits {
  /** The whole node. */
  system?: ScopeLimits | undefined
  /** Connections during their handshake and streams whose protocol is not agreed, together. */
  transient?: ScopeLimits | undefined
  /** Each service. */
  service?: ScopeLimits | undefined
  /** Each protocol. */
  protocol?: ScopeLimits | undefined
  /** Each peer. */
  peer?: ScopeLimits | undefined
  /** Each connection. Its memory is what lies unread in it; unsent is what its streams have queued. */
  connection?: ScopeLimits | undefined
  /** Each stream. Its memory is what lies unread in it. */
  stream?: ScopeLimits | undefined
  /** Services that are not as each, by name. */
  services?: Readonly<Record<string, ScopeLimits>> | undefined
  /** Protocols that are not as each, by name. */
  protocols?: Readonly<Record<string, ScopeLimits>> | undefined
}

/** One limit, for people. */
export interface LimitView {
  /** The kind of scope. */
  scope: ScopeKind
  /** Which one of that kind; empty for every one. */
  scopeName: string
  /** What is limited. */
  resource: Resource
  /** The most that may be held; `Infinity` for any amount. */
  value: number
  /** What the value is counted in. */
  unit: Unit
  /** The option that changes it. */
  option: string
  /** The value without any option. */
  default: number
  /** Why the default is what it is; empty where there is no limit by default. */
  reason: string
}

/** A limit that is not infinite without any option, or that another option has set. */
export interface LimitRule {
  scope: ScopeKind
  resource: Resource
  /** The value without any option. */
  default: number
  reason: string
  /** In words, for LIMITS.md, which is written from these rules. */
  name: string
  /** What happens to who comes when it is reached. */
  atLimit: string
  /** What else changes it, besides its own option; in Markdown. */
  note?: string | undefined
  /** The value that another option has given. An entry of `resourceLimits` comes before it. */
  ruled?: { value: number; option: string } | undefined
}

interface Row extends LimitView {
  /** Whether an entry of `resourceLimits` says so. */
  given: boolean
}

const namedKinds = { services: 'service', protocols: 'protocol' } as const

/** Every limit of a node. */
export class LimitTable {
  private readonly _rows = new Map<string, Row>()
  private readonly _limits = new Map<string, Counts>()

  /** Throws `InvalidParametersError`, which names the option. */
  constructor(rules: readonly LimitRule[], options: ResourceLimits = {}) {
    for (const kind of scopeKinds) this._limits.set(kind, counts(Number.POSITIVE_INFINITY))
    this.rule(rules)
    for (const [key, given] of Object.entries(options)) {
      if (given === undefined) continue
      if (key === 'services' || key === 'protocols') {
        for (const [name, limits] of Object.entries(given as Record<string, ScopeLimits>)) {
          const kind = namedKinds[key]
          this._limits.set(keyOf(kind, name), [...this.of(kind, '')])
          this._give(kind, name, limits)
        }
      } else if (scopeKinds.includes(key as ScopeKind)) this._give(key as ScopeKind, '', given as ScopeLimits)
      else refuse(`resourceLimits.${key}`, `is none of ${[...scopeKinds, ...Object.keys(namedKinds)].join(', ')}`)
    }
  }

  /** Takes the rules over, except where an entry of `resourceLimits` comes before them. */
  rule(rules: readonly LimitRule[]): void {
    for (const { scope, resource, default: value, reason, ruled } of rules) {
      if (this.isGiven(scope, resource)) continue
      const option = ruled?.option ?? optionOf(scope, '', resource)
      this._put({
        ...{ scope, scopeName: '', resource, unit: units[resource], option, default: value, reason },
        value: ruled?.value ?? value,
        given: false
      })
    }
  }

  /** The limits of a scope. The array changes with them. */
  of(kind: ScopeKind, name: string): Readonly<Counts> {
    return this._limits.get(keyOf(kind, name)) ?? this._limits.get(kind)!
  }

  /** The option that changes a limit. */
  option(kind: ScopeKind, name: string, resource: Resource): string {
    const row = this._rows.get(rowKey(kind, name, resource)) ?? this._rows.get(rowKey(kind, '', resource))
    return row?.option ?? optionOf(kind, '', resource)
  }

  /** Whether an entry of `resourceLimits` has set a limit. */
  isGiven(kind: ScopeKind, resource: Resource): boolean {
    return this._rows.get(rowKey(kind, '', resource))?.given === true
  }

  /** The limit that an entry of `resourceLimits` has set for every scope of a kind, if there is one. */
  given(kind: ScopeKind, resource: Resource): LimitView | undefined {
    const row = this._rows.get(rowKey(kind, '', resource))
    return row?.given === true ? row : undefined
  }

  /** Sets a limit from now on. What is held stays. */
  set(kind: ScopeKind, resource: Resource, value: number): void {
    this._give(kind, '', { [resource]: value })
  }

  /** All that are not infinite, or that an option has set. */
  list(): LimitView[] {
    return [...this._rows.values()].map(row => {
      const { scope, scopeName, resource, value, unit, option, default: standard, reason } = row
      return { scope, scopeName, resource, value, unit, option, default: standard, reason }
    })
  }

  private _give(scope: ScopeKind, scopeName: string, limits: ScopeLimits): void {
    for (const [name, value] of Object.entries(limits)) {
      const resource = name as Resource
      if (value === undefined) continue
      const option = optionOf(scope, scopeName, resource)
      if (!resources.includes(resource)) refuse(option, `is none of ${resources.join(', ')}`)
      if (typeof value !== 'number' || !(value >= 0))
        refuse(option, `must be a number of 0 or more, not ${String(value)}`)
      const row = this._rows.get(rowKey(scope, '', resource))
      this._put({
        ...{ scope, scopeName, resource, unit: units[resource], option, value, given: true },
        default: row?.default ?? Number.POSITIVE_INFINITY,
        reason: row?.reason ?? ''
      })
    }
  }

  private _put(row: Row): void {
    this._rows.set(rowKey(row.scope, row.scopeName, row.resource), row)
    this._limits.get(keyOf(row.scope, row.scopeName))![indexes[row.resource]] = row.value
  }
}

/** The name of the option of a limit. */
function optionOf(kind: ScopeKind, name: string, resource: string): string {
  return name === '' ? `resourceLimits.${kind}.${resource}` : `resourceLimits.${kind}s["${name}"].${resource}`
}

function keyOf(kind: ScopeKind, name: string): string {
  return name === '' ? kind : `${kind} ${name}`
}

function rowKey(kind: ScopeKind, name: string, resource: Resource): string {
  return `${keyOf(kind, name)} ${resource}`
}

function refuse(option: string, why: string): never {
  throw new InvalidParametersError(`${option} ${why}`, { facts: { option } })
}
