/** What is counted, and where. */

/** Everything that has an amount. */
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

/** What an amount is counted in. */
export type Unit = 'connections' | 'handshakes' | 'streams' | 'bytes' | 'descriptors'

/** An amount of each resource. */
export type Amounts = Record<Resource, number>

/** Whose account it is. `protocol`, `service` and `peer` have one for each name. */
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
 * Amounts inside a scope, in the order of `resources`: several are read for each chunk that waits, and an index costs less
 * than a name.
 */
export type Counts = number[]

/** Where a resource stands in `Counts`. */
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
