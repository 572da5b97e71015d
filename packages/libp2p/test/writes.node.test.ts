/** What is sent in one turn of the event loop leaves in one write, through all layers. */
import type { Libp2p, Metrics, MultiaddrConnection } from '@libp2p/interface'
import { noise } from '@weft/noise'
import { expect, it, onTestFinished } from 'vitest'
import { eventually, SlotMeter, type TestNode, tcpNode } from './tcp-nodes.ts'

interface CountingNode {
  node: TestNode
  /** Writes to sockets. */
  writes: number
}

async function countingNode(): Promise<CountingNode> {
  const counting = { writes: 0 } as CountingNode
  const metrics = (): Metrics =>
    Object.assign(Object.create(new SlotMeter().factory()), {
      trackMultiaddrConnection(connection: MultiaddrConnection & { transmit: (queue: unknown) => boolean }) {
        const transmit = connection.transmit.bind(connection)
        connection.transmit = queue => {
          counting.writes++
          return transmit(queue)
        }
      }
    })
  counting.node = await tcpNode({ metrics, connectionEncrypters: [noise()] })
  onTestFinished(() => counting.node.stop())
  return counting
}

function identifies(node: Libp2p): Promise<void> {
  return new Promise(resolve => node.addEventListener('peer:identify', () => resolve(), { once: true }))
}

it('a connection over Noise on which both sides identify each other costs three writes a side', async () => {
  const [dialer, listener] = [await countingNode(), await countingNode()]
  const identified = Promise.all([identifies(dialer.node), identifies(listener.node)])
  const connection = await dialer.node.dial(listener.node.getMultiaddrs())
  await identified
  await eventually(() => expect(connection.streams).toEqual([]))
  // Header and message A; message C and a question; an answer. Header and message B; question and answer; an end.
  expect([dialer.writes, listener.writes]).toEqual([3, 3])
})
