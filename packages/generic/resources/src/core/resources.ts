/** The resources that are counted, and the kinds of scopes. */

/** A resource. */
export type Resource =
  | 'connections'
  | 'connectionsInbound'
  | 'connectionsOutbound'
  | 'pendingInbound'
  | 'streams'
  | 'streamsInbound'
  | 'streamsOutbound'
  | 'memory'
  | 'unsent'
  | 'windows'
  | 'fileDescriptors'

/** The unit of an amount. */
export type Unit = 'connections' | 'handshakes' | 'streams' | 'bytes' | 'descriptors'

/** The amount of each resource. */
export type Amounts = Record<Resource, number>

/** A kind of scope. There is a `protocol`, `service` and `peer` scope for each name. */
export type ScopeKind = 'system' | 'transient' | 'service' | 'protocol' | 'peer' | 'connection' | 'stream'

/** The unit of each resource. */
export const units: Readonly<Record<Resource, Unit>> = {
  connections: 'connections',
  connectionsInbound: 'connections',
  connectionsOutbound: 'connections',
  pendingInbound: 'handshakes',
  streams: 'streams',
  streamsInbound: 'streams',
  streamsOutbound: 'streams',
  memory: 'bytes',
  unsent: 'bytes',
  windows: 'bytes',
  fileDescriptors: 'descriptors'
}

/** All resources. */
export const resources: readonly Resource[] = Object.keys(units) as Resource[]

/** All kinds of scope, from the outermost. */
export const scopeKinds: readonly ScopeKind[] = [
  'system',
  'transient',
  'service',
  'protocol',
  'peer',
  'connection',
  'stream'
]

/**
 * Amounts inside a scope, in the order of `resources`: they are accessed for each buffered chunk, and an index is
 * cheaper than a name.
 */
export type Counts = number[]

/** The index of a resource in `Counts`. */
export const indexes: Readonly<Record<Resource, number>> = Object.fromEntries(
  resources.map((resource, index) => [resource, index])
) as Record<Resource, number>

const nothing: Readonly<Counts> = resources.map(() => 0)

/** The same amount of every resource. */
export function counts(value: number): Counts {
  return value === 0 ? nothing.slice() : resources.map(() => value)
}

/** Amounts by their names. */
export function amountsOf(all: Readonly<Counts>): Amounts {
  return Object.fromEntries(resources.map((resource, index) => [resource, all[index]])) as Amounts
}
