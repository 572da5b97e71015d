/** Random trees of scopes, and random calls on them, against a model that only adds up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Amounts, amountsOf, counts, indexes, type Resource, resources, type ScopeKind } from './core/resources.ts'
import { ResourceScope } from './core/scope.ts'
import { type ConnectionScope, ResourceManager, streamOverhead, type StreamScope } from './index.ts'

const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
// A run of these takes as long as several of the dial scheduler's, for which the number is chosen.
const numRuns = Math.ceil(Number(environment?.['WEFT_RUNS'] ?? 3000) / 10)

const kinds: readonly ScopeKind[] = ['transient', 'service', 'protocol', 'peer', 'connection']
const used: readonly Resource[] = ['memory', 'streams', 'connections']

interface Node {
  scope: ResourceScope
  limits: number[]
  held: Amounts
  /** Indexes of all scopes above. */
  above: Set<number>
  owner: number | undefined
}

const shape = fc.array(
  fc.record({ parents: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), limit: fc.integer({ min: 0, max: 60 }) }),
  { minLength: 1, maxLength: 12 }
)
const calls = fc.array(
  fc.record({
    on: fc.nat(),
    what: fc.constantFrom('reserve', 'reserve', 'reserve', 'release', 'release', 'close'),
    resource: fc.constantFrom(...used),
    amount: fc.nat({ max: 25 })
  }),
  { maxLength: 60 }
)

function plant(specs: Array<{ parents: number[]; limit: number }>, rootLimit: number): Node[] {
  const ledger = { option: String, count() {} }
  const make = (
    kind: ScopeKind,
    limit: number,
    parents: ResourceScope[]
  ): { scope: ResourceScope; limits: number[] } => {
    const limits = counts(limit)
    return { limits, scope: new ResourceScope({ kind, name: '', limits, ledger, parents }) }
  }
  const nodes: Node[] = [{ ...make('system', rootLimit, []), held: none(), above: new Set(), owner: undefined }]
  for (const [i, { parents, limit }] of specs.entries()) {
    const indexes = [...new Set(parents.map(parent => parent % nodes.length))]
    const above = new Set(indexes.flatMap(index => [index, ...nodes[index]!.above]))
    const kind = kinds[i % kinds.length]!
    const made = make(
      kind,
      limit,
      indexes.map(index => nodes[index]!.scope)
    )
    nodes.push({ ...made, held: none(), above, owner: indexes[0] })
  }
  return nodes
}

/** What the model says that a scope holds. */
function expected(nodes: Node[], index: number, resource: Resource): number {
  return nodes.reduce((sum, node, i) => (i === index || node.above.has(index) ? sum + node.held[resource] : sum), 0)
}

function owned(nodes: Node[], index: number): number[] {
  return nodes.flatMap((node, i) => (node.owner === index ? [i, ...owned(nodes, i)] : []))
}

describe('scopes', () => {
  it('hold what their parts hold, never more than their limit, and nothing once closed', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 0, max: 120 }), calls, (specs, rootLimit, steps) => {
        const nodes = plant(specs, rootLimit)
        for (const { on, what, resource, amount } of steps) {
          const index = on % nodes.length
          const node = nodes[index]!
          if (what === 'reserve' && !node.scope.isClosed) {
            const before = nodes.map(({ scope }) => scope.usage())
            const fits = [index, ...node.above].every(
              i => expected(nodes, i, resource) + amount <= nodes[i]!.limits[indexes[resource]]!
            )
            const refusing = node.scope.tryReserve(resource, amount)
            must((refusing === undefined) === fits, 'refuses what does not fit')
            if (fits) node.held[resource] += amount
            else
              must(
                same(
                  nodes.map(({ scope }) => scope.usage()),
                  before
                ),
                'changes nothing when it refuses'
              )
          } else if (what === 'release') {
            node.scope.release(resource, amount)
            node.held[resource] = Math.max(0, node.held[resource] - amount)
          } else if (what === 'close') {
            node.scope.close()
            for (const i of [index, ...owned(nodes, index)]) nodes[i]!.held = none()
          }
          for (const [i, { scope, limits }] of nodes.entries()) {
            for (const name of used) {
              must(scope.used(name) === expected(nodes, i, name), 'holds what its parts hold')
              must(scope.used(name) <= limits[indexes[name]]!, 'holds no more than it may')
            }
          }
        }
        nodes[0]!.scope.close()
        for (const { scope } of nodes) expect(scope.usage()).toEqual(none())
      }),
      { numRuns }
    )
  })
})

type Step = { what: string; on: number; amount: number; name: string; inbound: boolean }

const nodeSteps = fc.array(
  fc.record({
    what: fc.constantFrom(
      'connect',
      'connect',
      'peer',
      'stream',
      'stream',
      'protocol',
      'service',
      'serve',
      'memory',
      'memory',
      'read',
      'send',
      'send',
      'sent',
      'close',
      'hang up'
    ),
    on: fc.nat(),
    amount: fc.nat({ max: 3000 }),
    name: fc.constantFrom('a', 'b', 'c'),
    inbound: fc.boolean()
  }),
  { maxLength: 120 }
)
const small = fc.record({
  system: fc.record({ connections: fc.nat(8), streams: fc.nat(20), memory: fc.nat(900_000) }),
  transient: fc.record({ pendingInbound: fc.nat(4), streamsInbound: fc.nat(6), memory: fc.nat(150_000) }),
  peer: fc.record({ connections: fc.nat(3), memory: fc.nat(120_000) }),
  protocol: fc.record({ streams: fc.nat(6), memory: fc.nat(40_000) }),
  service: fc.record({ streamsInbound: fc.nat(6), streams: fc.nat(8), memory: fc.nat(60_000) }),
  connection: fc.record({ streamsInbound: fc.nat(5), memory: fc.nat(8_000), unsent: fc.nat(400_000) }),
  stream: fc.record({ memory: fc.nat(5_000) })
})

describe('a node', () => {
  it('stays within every limit, changes nothing when it refuses, and is empty once everything is closed', () => {
    fc.assert(
      fc.property(small, nodeSteps, (resourceLimits, steps) => {
        const manager = new ResourceManager({ resourceLimits })
        const connections: ConnectionScope[] = []
        const streams: StreamScope[] = []
        for (const step of steps) {
          const before = manager.usage()
          try {
            run(step, manager, connections, streams)
          } catch (error) {
            if ((error as Error).name !== 'ResourceLimitError') throw error
            must(same(manager.usage(), before), 'changes nothing when it refuses')
          }
          check(manager)
          checkServices(manager, streams)
        }
        for (const scope of [...streams, ...connections]) scope.close()
        for (const { used: amount } of manager.usage()) expect(amount).toEqual(none())
        expect(manager.usage()).toHaveLength(2)
      }),
      { numRuns }
    )
  })
})

function run(
  { what, on, amount, name, inbound }: Step,
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

function check(manager: ResourceManager): void {
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
function checkServices(manager: ResourceManager, streams: StreamScope[]): void {
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
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`a scope ${what}: this one does not`)
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function none(): Amounts {
  return amountsOf(counts(0))
}
