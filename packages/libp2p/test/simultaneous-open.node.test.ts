/** Two nodes that dial each other at the same time, over sockets. */
import type { Libp2p } from '@libp2p/interface'
import { afterEach, expect, it } from 'vitest'
import { eventually, tcpNode } from './tcp-nodes.ts'

const nodes: Libp2p[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
})

it('leaves one connection, the same on both sides', async () => {
  const [a, b] = await Promise.all([tcpNode(), tcpNode()])
  nodes.push(a, b)
  await Promise.all([a.dial(b.getMultiaddrs()), b.dial(a.getMultiaddrs())])
  await eventually(() => {
    const [near, far] = [a, b].map(node =>
      node
        .getConnections()
        .map(({ direction }) => direction)
        .join()
    )
    expect(new Set([near, far])).toEqual(new Set(['inbound', 'outbound']))
  }, 20_000)
  const stream = await a.dialProtocol(b.peerId, '/echo/1.0.0')
  await stream.close()
  expect([a.getConnections().length, b.getConnections().length]).toEqual([1, 1])
}, 30_000)
