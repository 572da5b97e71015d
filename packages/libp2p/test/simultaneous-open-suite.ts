/**
 * Two nodes that dial each other, in many orders: at each step of both handshakes a gater can hold a node up, and a
 * property chooses who goes on, and when time passes. Time is virtual, bytes take their real way.
 */
import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Libp2pOptions } from '../src/index.ts'
import type { TestServices } from './tcp-nodes.ts'

type Node = Libp2p<TestServices>
type Make = (options: Libp2pOptions<TestServices>) => Promise<Node>

/** `turn`: a turn of the event loop. `time`: 300 ms pass. A number: which of those held up goes on. */
type Step = 'turn' | 'time' | number

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(7) },
    { weight: 2, arbitrary: fc.constant<Step>('turn') },
    { weight: 1, arbitrary: fc.constant<Step>('time') }
  ),
  { maxLength: 24 }
)
/** Ended the greater one's dial after its connection had opened, but before the dial knew. */
const dialEndedBetween: Step[] = [0, 0, 0, 0, 1, 0, 0, 'time']
/** What is passed over in all of them stays below the time that a handshake may be waited for. */
const maxTimeSteps = 8
const timeStep = 300
/** Turns of the event loop in which whatever is under way comes through, on a busy machine too. */
const maxTurns = 500_000
const countOf = (node: Libp2p): number => node.getConnections().length

class Gates {
  private _waiting: Array<() => void> = []
  private _open = false

  readonly gater: ConnectionGater = {
    denyDialMultiaddr: () => this._hold(),
    denyOutboundConnection: () => this._hold(),
    denyOutboundEncryptedConnection: () => this._hold(),
    denyOutboundUpgradedConnection: () => this._hold(),
    denyInboundConnection: () => this._hold(),
    denyInboundEncryptedConnection: () => this._hold(),
    denyInboundUpgradedConnection: () => this._hold()
  }

  close(): void {
    this._open = false
  }

  /** Lets one go on, if there is any. */
  release(which: number): void {
    this._waiting.splice(which % Math.max(1, this._waiting.length), 1)[0]?.()
  }

  open(): void {
    this._open = true
    while (this._waiting.length > 0) this.release(0)
  }

  private async _hold(): Promise<boolean> {
    if (!this._open) await new Promise<void>(resolve => this._waiting.push(resolve))
    return false
  }
}

/** Two nodes behind the same gates, the one with the lesser id first. */
class World {
  readonly gates = new Gates()
  readonly opened: string[] = []
  nodes!: [Node, Node]

  static async create(make: Make): Promise<World> {
    const world = new World()
    const common = { connectionGater: world.gates.gater, connectionMonitor: { enabled: false } }
    const [a, b] = await Promise.all([make(common), make(common)])
    world.nodes = isLess(a.peerId, b.peerId) ? [a, b] : [b, a]
    for (const node of world.nodes) {
      node.addEventListener('connection:open', ({ detail }) => void world.opened.push(detail.direction))
    }
    return world
  }

  async run(schedule: readonly Step[]): Promise<void> {
    let left = maxTimeSteps
    for (const step of schedule) {
      if (typeof step === 'number') this.gates.release(step)
      else if (step === 'time' && left-- > 0) await vi.advanceTimersByTimeAsync(timeStep)
      await turn()
    }
    this.gates.open()
  }

  /** Both come to have one connection, the same one, and keep it. */
  async settle(): Promise<void> {
    const [a, b] = this.nodes
    // No time passes while a dial is under way: how fast the machine is must not decide what ends first.
    await until(() => countOf(a) > 0 && countOf(a) === countOf(b) && this.nodes.every(isCalm))
    await this.pass(10_000)
    expect(this.nodes.map(countOf)).toEqual([1, 1])
    const directions = this.nodes.map(node => node.getConnections()[0]!.direction)
    expect(directions.toSorted()).toEqual(['inbound', 'outbound'])
  }

  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      await vi.advanceTimersByTimeAsync(100)
      for (let i = 0; i < 4; i++) await turn()
    }
  }

  async stop(): Promise<void> {
    this.gates.open()
    vi.useRealTimers()
    await Promise.all(this.nodes.map(async node => node.stop()))
  }
}

/** @param runs - orders that are tried, of each kind */
export function simultaneousOpenSuite(make: Make, runs: number): void {
  beforeEach(useVirtualTime)
  afterEach(() => void vi.useRealTimers())

  const property = (test: (world: World, schedule: readonly Step[]) => Promise<void>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(steps, async schedule => {
        useVirtualTime()
        const world = await World.create(make)
        try {
          await test(world, schedule)
        } finally {
          await world.stop()
        }
      }),
      { numRuns: runs, examples: [[dialEndedBetween]] }
    )

  describe('two nodes that dial each other', () => {
    it('come to have one connection, whatever comes first, and no dial fails', () =>
      property(async (world, schedule) => {
        const [lesser, greater] = world.nodes
        const dials = Promise.all([lesser.dial(greater.getMultiaddrs()), greater.dial(lesser.getMultiaddrs())])
        await world.run(schedule)
        const [own] = await dials
        await world.settle()
        // What the greater one has given out before it knew of the other may be closed, if nobody uses it.
        expect(lesser.getConnections()).toEqual([own])
        await useful(world)
      }))

    it('keep a connection that is used, and lose no stream', () =>
      property(async (world, schedule) => {
        const [lesser, greater] = world.nodes
        const dials = Promise.all([
          lesser.dialProtocol(greater.getMultiaddrs(), '/echo/1.0.0'),
          greater.dialProtocol(lesser.getMultiaddrs(), '/echo/1.0.0')
        ])
        await world.run(schedule)
        const streams = await dials
        await world.pass(5000)
        expect(streams.map(({ status }) => status)).toEqual(['open', 'open'])
        for (const stream of streams) void stream.close()
        await world.settle()
      }))

    it('have one where they do not know whom they dial', () =>
      property(async (world, schedule) => {
        const [lesser, greater] = world.nodes
        const nameless = (node: Node) => node.getMultiaddrs().map(address => address.decapsulateCode(421))
        const dials = Promise.all([lesser.dial(nameless(greater)), greater.dial(nameless(lesser))])
        await world.run(schedule)
        await dials
        await world.settle()
      }))

    it('have one where both find again the peer that they lost', () =>
      property(async (world, schedule) => {
        const [lesser, greater] = world.nodes
        world.gates.open()
        await lesser.dial(greater.getMultiaddrs())
        await world.settle()
        for (const [node, other] of [world.nodes, world.nodes.toReversed()] as Array<[Node, Node]>) {
          await node.peerStore.merge(other.peerId, {
            multiaddrs: other.getMultiaddrs(),
            tags: { 'keep-alive': { value: 1 } }
          })
        }
        world.gates.close()
        world.opened.length = 0
        lesser.getConnections()[0]!.abort(new Error('the link broke'))
        await until(() => world.nodes.every(node => countOf(node) === 0))
        await world.run(schedule)
        await world.settle()
        expect(world.opened.length).toBeLessThanOrEqual(4)
        await useful(world)
      }))
  })

  it('leaves two where the remote keeps both, and dials no further', async () => {
    const world = await World.create(make)
    const [lesser, greater] = world.nodes
    try {
      for (const [node, other] of [world.nodes, world.nodes.toReversed()] as Array<[Node, Node]>) {
        await node.peerStore.merge(other.peerId, { tags: { 'keep-alive': { value: 1 } } })
      }
      // As a remote that has no such rule: it insists on its own.
      const dials = [lesser.dial(greater.getMultiaddrs()), greater.dial(lesser.getMultiaddrs(), { force: true })]
      await turn()
      world.gates.open()
      const [own] = await Promise.all(dials)
      await world.pass(30_000)
      expect(world.nodes.map(countOf)).toEqual([2, 2])
      expect(world.opened).toHaveLength(4)
      expect(await lesser.dial(greater.peerId)).toBe(own)
    } finally {
      await world.stop()
    }
  })
}

/** Either can open a stream to the other. */
async function useful({ nodes }: World): Promise<void> {
  for (const [node, other] of [nodes, nodes.toReversed()] as Array<[Node, Node]>) {
    const stream = await node.dialProtocol(other.peerId, '/echo/1.0.0')
    void stream.close()
  }
  expect(nodes.map(countOf)).toEqual([1, 1])
}

function isCalm(node: Libp2p): boolean {
  return node.getDialQueue().length === 0
}

async function until(check: () => boolean): Promise<void> {
  for (let turns = 0; !check(); turns++) {
    if (turns === maxTurns) throw new Error('it does not come to rest')
    await turn()
  }
}

function isLess(a: PeerId, b: PeerId): boolean {
  const [one, other] = [a, b].map(id => id.toMultihash().bytes)
  for (const [i, byte] of one!.entries()) if (byte !== other![i]) return byte < other![i]!
  return false
}

function useVirtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
}

const { setImmediate } = globalThis
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
