/** Nodes for tests, over the memory transport. */
import type { Libp2p } from '@libp2p/interface'
import { afterEach } from 'vitest'
import { createLibp2p, type DefaultServices, type Libp2pOptions, memoryDefaults } from '../src/index.ts'

const nodes: Libp2p[] = []
let listeners = 0

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
})

/** A node that listens, with the default services unless others are given; it is stopped after the test. */
export async function makeNode(options: Libp2pOptions<DefaultServices> = {}): Promise<Libp2p<DefaultServices>> {
  const listen = [`/memory/facade-${listeners++}`]
  const node = await createLibp2p({ ...memoryDefaults(), addresses: { listen }, ...options })
  nodes.push(node as unknown as Libp2p)
  return node
}
