/** Random trees of scopes, and random calls on them, against a model that only adds up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Amounts, amountsOf, counts, indexes, type Resource, type ScopeKind } from './core/resources.ts'
import { ResourceScope } from './core/scope.ts'
import { accountSteps, checkAccounts, checkServices, must, runStep, same } from '../test/accounts.ts'
import { type ConnectionScope, ResourceManager, type StreamScope } from './index.ts'

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
            const exhausted = node.scope.tryReserve(resource, amount)
            must((exhausted === undefined) === fits, 'refuses what does not fit')
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

const nodeSteps = fc.array(
  fc.record({
    what: fc.constantFrom(...accountSteps),
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
            runStep(step, manager, connections, streams)
          } catch (error) {
            if ((error as Error).name !== 'ResourceLimitError') throw error
            must(same(manager.usage(), before), 'changes nothing when it refuses')
          }
          checkAccounts(manager)
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

function none(): Amounts {
  return amountsOf(counts(0))
}
