/** Many whole nodes in one thread, over the memory transport, on virtual time. */
import type { Libp2p } from '@libp2p/interface'
import type { Ping } from '@weft/ping'
import { VirtualGlobals } from '@weft/testkit/virtual-globals'
import { createLibp2p, memoryDefaults } from '../src/index.ts'

/** What came of it. */
export interface PingCrowd {
  pings: number
  connections: number
  /** Virtual ms from the first dial until all had stopped. */
  time: number
  /** Timers that were left. */
  timers: number
}

type Node = Libp2p<{ ping: Ping }>

/** So many nodes, each of which pings the next. Restores the globals. */
export async function runPingCrowd(size: number): Promise<PingCrowd> {
  const globals = new VirtualGlobals()
  const nodes: Node[] = []
  try {
    for (let i = 0; i < size; i++) nodes.push(await globals.until(makeNode(i)))
    const began = globals.clock.now
    const pings = await globals.until(Promise.all(nodes.map((node, i) => pingNext(node, nodes[(i + 1) % size]!))))
    // Each has two: to the next and from the one before.
    const connections = nodes.reduce((sum, node) => sum + node.getConnections().length, 0) / 2
    await globals.until(Promise.all(nodes.splice(0).map(async node => node.stop())))
    const time = globals.clock.now - began
    // Timers that wait for the oldest of many things run out.
    await globals.advance(60_000)
    return { pings: pings.filter(ms => ms >= 0).length, connections, time, timers: globals.pending }
  } finally {
    globals.restore()
    await Promise.all(nodes.map(async node => node.stop()))
  }
}

async function makeNode(index: number): Promise<Node> {
  return (await createLibp2p({
    ...memoryDefaults(),
    addresses: { listen: [`/memory/ping-crowd-${index}`] },
    // Its pings are those of another test.
    connectionMonitor: { enabled: false }
  })) as unknown as Node
}

function pingNext(node: Node, next: Node): Promise<number> {
  return node.services.ping.ping(next.getMultiaddrs())
}
