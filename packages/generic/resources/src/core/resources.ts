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

/** The same amount of every resource, as an object of its own. */
export function amounts(value: number): Amounts {
  return {
    connections: value,
    connectionsInbound: value,
    connectionsOutbound: value,
    pendingInbound: value,
    streams: value,
    streamsInbound: value,
    streamsOutbound: value,
    memory: value,
    fileDescriptors: value
  }
}
