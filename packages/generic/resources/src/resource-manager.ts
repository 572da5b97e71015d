/** The accounts of a node: who may open one more, and who holds how much. */
import { availableDescriptors, defaultConnections, defaultInboundConnections } from '#connections'
import { ConnectionScope, type OpenConnection } from './connection-scope.ts'
import { type DefaultsInit, defaultRules } from './core/defaults.ts'
import { type LimitView, LimitTable, type ResourceLimits } from './core/limits.ts'
import { type RefusalCount, Refusals } from './core/refusals.ts'
import type { Amounts, Resource, ScopeKind } from './core/resources.ts'
import type { ResourceScope } from './core/scope.ts'
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

/** The scopes of one node, with their limits. */
export class ResourceManager {
  readonly #init: ResourceManagerInit
  readonly #table: LimitTable
  readonly #refusals = new Refusals()
  readonly #shared: SharedScopes

  /** Throws `InvalidParametersError`, which names the option. */
  constructor(init: ResourceManagerInit = {}) {
    this.#init = init
    this.#table = new LimitTable(this.#rules(init.maxConnections), init.resourceLimits)
    this.#shared = new SharedScopes(this.#table, this.#refusals)
  }

  get [Symbol.toStringTag](): string {
    return '@weft/resource-manager'
  }

  /** The whole node. */
  get system(): ResourceScope {
    return this.#shared.system
  }

  /** Handshakes under way, and streams whose protocol is not agreed. */
  get transient(): ResourceScope {
    return this.#shared.transient
  }

  /** The account of a connection that begins its handshake. Throws `ResourceLimitError` if there is no room for it. */
  openConnection(direction: 'inbound' | 'outbound', options: OpenConnection = {}): ConnectionScope {
    return new ConnectionScope({ ...options, direction, shared: this.#shared })
  }

  /**
   * The account of a service, for what it keeps in memory: the same for each call with that name. `leaveService()` is
   * owed for every call.
   */
  enterService(name: string): ResourceScope {
    return this.#shared.enter('service', name)
  }

  /** Ends what `enterService()` began. After the last one, all that the service holds is given back. */
  leaveService(scope: ResourceScope): void {
    this.#shared.leave(scope)
  }

  /** Every limit, with the option that changes it. */
  limits(): LimitView[] {
    return this.#table.list()
  }

  /** Sets a limit from now on. What is held stays. Throws `InvalidParametersError` for a value that cannot be. */
  setLimit(scope: ScopeKind, resource: Resource, value: number): void {
    this.#table.set(scope, resource, value)
  }

  /** Sets what `maxConnections` rules, as if the option had been given. */
  setMaxConnections(maxConnections: number): void {
    this.#table.rule(this.#rules(maxConnections))
  }

  /** What is held now: by the node, by what is transient, and by each service, protocol, peer and connection. */
  usage(): ScopeUsage[] {
    const connections = [...this.system.children].filter(scope => scope instanceof ConnectionScope)
    return [this.system, this.transient, ...this.#shared.named, ...connections].map(scope => ({
      scope: scope.kind,
      scopeName: scope.name,
      used: scope.usage()
    }))
  }

  /** How often each kind of scope had no room for each resource. */
  refusals(): RefusalCount[] {
    return this.#refusals.list()
  }

  /** Gives everything back. */
  close(): void {
    this.system.close()
  }

  #rules(maxConnections: number | undefined): ReturnType<typeof defaultRules> {
    const { maxInboundConnections, maxIncomingPendingConnections, maxParallelDials = 100 } = this.#init
    return defaultRules({
      connections: defaultConnections,
      connectionsInbound: defaultInboundConnections,
      availableDescriptors,
      maxConnections,
      maxInboundConnections,
      maxIncomingPendingConnections,
      maxParallelDials
    })
  }
}
