/**
 * Limits of a node and of its parts: a tree of scopes (system, transient, service, protocol, peer, connection, stream) that
 * hold connections, streams, memory and descriptors. Everything is synchronous, and nothing here does I/O.
 */
export { ConnectionScope, type OpenConnection } from './connection-scope.ts'
export { connectionOverhead, streamOverhead } from './core/defaults.ts'
export type { LimitView, ResourceLimits, ScopeLimits } from './core/limits.ts'
export type { RefusalCount } from './core/refusals.ts'
export type { Amounts, Resource, ScopeKind, Unit } from './core/resources.ts'
export { type Abortable, ResourceScope } from './core/scope.ts'
export { ResourceLimitError, type ResourceLimitFacts } from './errors.ts'
export { ResourceManager, type ResourceManagerInit, type ScopeUsage } from './resource-manager.ts'
export { StreamScope } from './stream-scope.ts'
