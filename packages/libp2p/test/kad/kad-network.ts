/** Whole nodes with kad-routing over the memory transport. */
import type { Libp2p } from '@libp2p/interface'
import { type KadRouting, kadRouting, type KadRoutingInit, passthroughMapper } from '@weft/kad-routing'
import { createLibp2p, memoryDefaults } from '../../src/index.ts'

export type KadNode = Libp2p<{ dht: KadRouting }>

let networks = 0

/** So many nodes in a network of their own, each of which knows the first; `init` may differ by node. */
export async function kadNetwork(
  size: number,
  init: (index: number) => KadRoutingInit = () => ({})
): Promise<{ nodes: KadNode[]; stop: () => Promise<void> }> {
  const name = `kad-${networks++}`
  const nodes: KadNode[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.splice(0).map(async node => node.stop()))
  }
  try {
    for (let i = 0; i < size; i++) {
      const defaults = memoryDefaults()
      const dht = kadRouting({ clientMode: false, peerInfoMapper: passthroughMapper, ...init(i) })
      const node = await createLibp2p({
        ...defaults,
        addresses: { listen: [`/memory/${name}-${i}`] },
        services: { ...defaults.services, dht }
      })
      nodes.push(node as unknown as KadNode)
    }
    return { nodes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Connects each node to the first, and waits until each has a peer in its table; then all explore. */
export async function join(nodes: readonly KadNode[]): Promise<void> {
  const [first, ...others] = nodes
  for (const node of others) await node.dial(first!.getMultiaddrs())
  await filled(nodes, 1)
  for (const node of nodes) await node.services.dht.refreshRoutingTable()
}

/** Resolves when each node has as many peers in its table. */
export async function filled(nodes: readonly KadNode[], peers: number): Promise<void> {
  while (nodes.some(node => node.services.dht.routingTable.size < peers)) {
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}
