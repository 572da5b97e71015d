/** Random use of a node's accounts: what is done, and what must hold after each step. */
import { resources, type Resource, type ScopeKind } from '../src/core/resources.ts'
import { type ConnectionScope, type ResourceManager, streamOverhead, type StreamScope } from '../src/index.ts'

/** What may be done; what is done more often stands here more often. */
export const accountSteps = [
  ...(['connect', 'connect', 'peer', 'stream', 'stream', 'protocol', 'service', 'serve', 'memory', 'memory'] as const),
  ...(['read', 'send', 'send', 'sent', 'close', 'hang up'] as const)
]

/** One step. */
export interface AccountStep {
  what: string
  /** Which connection or stream. */
  on: number
  amount: number
  name: string
  inbound: boolean
}

/** Does one step, on one of what is there. Throws `ResourceLimitError` where that is refused. */
export function runStep(
  { what, on, amount, name, inbound }: AccountStep,
  manager: ResourceManager,
  connections: ConnectionScope[],
  streams: StreamScope[]
): void {
  const connection = connections[on % connections.length]
  const stream = streams[on % streams.length]
  const direction = inbound ? 'inbound' : 'outbound'
  if (what === 'connect') connections.push(manager.openConnection(direction, { fileDescriptors: on % 2 }))
  else if (what === 'peer' && [...(connection?.children ?? [])].length === 0) connection?.setPeer(name)
  else if (what === 'stream' && connection?.isClosed === false) streams.push(connection.openStream(direction))
  else if (what === 'protocol') stream?.setProtocol(name)
  else if (what === 'service') stream?.setService(name)
  else if (what === 'serve') stream?.setProtocol(name, `${name} service`)
  else if (what === 'memory') (stream ?? connection)?.reserve('memory', amount)
  else if (what === 'read') (stream ?? connection)?.release('memory', amount)
  // Large ones: a sender that waits may send more than there is room for.
  else if (what === 'send') (stream ?? connection)?.holdUnsent(amount * 100, inbound)
  else if (what === 'sent') (stream ?? connection)?.releaseUnsent(amount * 100)
  else if (what === 'close') stream?.close()
  else if (what === 'hang up') connection?.close()
}

/** Every limit holds, and the node holds what its connections hold. */
export function checkAccounts(manager: ResourceManager): void {
  const usage = manager.usage()
  const limits = manager.limits()
  for (const { scope, used: amount } of usage) {
    for (const resource of resources) must(amount[resource] >= 0, 'is never negative')
    for (const limit of limits) {
      if (limit.scope === scope) must(amount[limit.resource] <= limit.value, 'holds no more than it may')
    }
  }
  const sum = (kind: ScopeKind, resource: Resource): number =>
    usage.reduce((total, { scope, used: amount }) => (scope === kind ? total + amount[resource] : total), 0)
  // Nothing is counted twice: the node holds what its connections hold.
  for (const resource of ['connections', 'streams', 'unsent', 'pendingInbound', 'fileDescriptors'] as const) {
    must(sum('system', resource) === sum('connection', resource), 'counts everything once')
  }
  const unread = sum('connection', 'memory')
  must(sum('system', 'memory') >= unread + sum('connection', 'unsent'), 'counts all memory')
}

/** A service holds its own streams, and those alone. */
export function checkServices(manager: ResourceManager, streams: StreamScope[]): void {
  const expected = new Map<string, { streams: number; memory: number }>()
  for (const stream of streams) {
    if (stream.isClosed || stream.service === '') continue
    const sum = expected.get(stream.service) ?? { streams: 0, memory: 0 }
    expected.set(stream.service, {
      streams: sum.streams + 1,
      memory: sum.memory + streamOverhead + stream.used('memory') + stream.used('unsent')
    })
  }
  const services = manager.usage().filter(({ scope }) => scope === 'service')
  must(services.length === expected.size, 'is there as long as it has streams')
  for (const { scopeName, used: amount } of services) {
    const sum = expected.get(scopeName)
    must(amount.streams === sum?.streams && amount.memory === sum.memory, 'holds its streams')
  }
}

/** Cheaper than `expect()`, which the inner loops would spend their time in. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`a scope ${what}: this one does not`)
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
