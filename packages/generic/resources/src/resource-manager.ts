/** The accounts of a node: who may open one more, and who holds how much. */
import { availableDescriptors, defaultConnections, defaultInboundConnections } from '#connections'
import { ConnectionScope, type OpenConnection } from './connection-scope.ts'
import { type DefaultsInit, defaultRules } from './core/defaults.ts'
import { type LimitView, LimitTable, type ResourceLimits } from './core/limits.ts'
import { type RefusalCount, Refusals } from './core/refusals.ts'
import type { Amounts, Resource, ScopeKind } from './core/resources.ts'
import type { ResourceScope } from './core/scope.ts'
import { makeRoom } from './make-room.ts'
import { SharedScopes } from './shared-scopes.ts'

/** Options of a `ResourceManager`. */
export interface ResourceManagerInit
  extends Partial<
    Pick<
      DefaultsInit,
      'maxConnections' | 'maxInboundConnections' | 'maxIncomingPendingConnections' | 'maxParallelDials'
    >
  > {
  /** Limits that are not as by default. They come before what the other options rule. */
  resourceLimits?: ResourceLimits | undefined
  /** Hears of each refusal, with how many there were for that kind of scope and resource: it must return at once. */
  onRefusal?: ((refusal: Readonly<RefusalCount>) => void) | undefined
}

/** What one scope holds. */
export interface ScopeUsage {
  /** Its kind. */
  scope: ScopeKind
  /** Which one of its kind; empty where there is only one. */
  scopeName: string
  /** The amount of each resource. */
  used: Amounts
}

const defaultParallelDials = 100

/** The scopes of one node, with their limits. */
export class ResourceManager {
  private readonly _init: ResourceManagerInit
  private readonly _table: LimitTable
  private readonly _refusals: Refusals
  private readonly _shared: SharedScopes

  /** Throws `InvalidParametersError`, which names the option. */
  constructor(init: ResourceManagerInit = {}) {
    this._init = init
    this._refusals = new Refusals(init.onRefusal)
    this._table = new LimitTable(this._rules(init.maxConnections), init.resourceLimits)
    this._shared = new SharedScopes(this._table, this._refusals, makeRoom)
  }

  get [Symbol.toStringTag](): string {
    return '@weft/resource-manager'
  }

  /** The whole node. */
  get system(): ResourceScope {
    return this._shared.system
  }

  /** Handshakes under way, and streams whose protocol is not agreed. */
  get transient(): ResourceScope {
    return this._shared.transient
  }

  /** The account of a connection that begins its handshake. Throws `ResourceLimitError` if there is no room for it. */
  openConnection(direction: 'inbound' | 'outbound', options: OpenConnection = {}): ConnectionScope {
    return new ConnectionScope({ ...options, direction, shared: this._shared })
  }

  /**
   * The account of a service, for what it keeps in memory: the same for each call with that name. `leaveService()` is
   * owed for every call.
   */
  enterService(name: string): ResourceScope {
    return this._shared.enter('service', name)
  }

  /** Ends what `enterService()` began. After the last one, all that the service holds is given back. */
  leaveService(scope: ResourceScope): void {
    this._shared.leave(scope)
  }

  /** Every limit, with the option that changes it. */
  limits(): LimitView[] {
    return this._table.list()
  }

  /** The limit that `resourceLimits` or `setLimit()` has set for every scope of a kind, if there is one. */
  given(scope: ScopeKind, resource: Resource): LimitView | undefined {
    return this._table.given(scope, resource)
  }

  /** Dials under way at once, which come on top of the connections that are kept. */
  get maxParallelDials(): number {
    return this._init.maxParallelDials ?? defaultParallelDials
  }

  /** Counts what someone has refused who asked for the limit first. */
  countRefusal(scope: ScopeKind, resource: Resource): void {
    this._shared.count(scope, resource)
  }

  /** Sets a limit from now on. What is held stays. Throws `InvalidParametersError` for a value that cannot be. */
  setLimit(scope: ScopeKind, resource: Resource, value: number): void {
    this._table.set(scope, resource, value)
  }

  /** Sets what `maxConnections` rules, as if the option had been given. */
  setMaxConnections(maxConnections: number): void {
    this._table.rule(this._rules(maxConnections))
  }

  /** What is held now: by the node, by what is transient, and by each service, protocol, peer and connection. */
  usage(): ScopeUsage[] {
    const connections = [...this.system.children].filter(({ kind }) => kind === 'connection')
    return [this.system, this.transient, ...this._shared.named, ...connections].map(scope => ({
      scope: scope.kind,
      scopeName: scope.name,
      used: scope.usage()
    }))
  }

  /** How often each kind of scope had no room for each resource. */
  refusals(): RefusalCount[] {
    return this._refusals.list()
  }

  /** Gives everything back. */
  close(): void {
    this.system.close()
  }

  private _rules(maxConnections: number | undefined): ReturnType<typeof defaultRules> {
    const { maxInboundConnections, maxIncomingPendingConnections } = this._init
    return defaultRules({
      connections: defaultConnections,
      connectionsInbound: defaultInboundConnections,
      availableDescriptors,
      maxConnections,
      maxInboundConnections,
      maxIncomingPendingConnections,
      maxParallelDials: this.maxParallelDials
    })
  }
}
