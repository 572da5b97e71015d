// js-libp2p's gossipsub as a service on our nodes: five in a line, a message goes from one end to the other.
import { assert, createNode, until } from '../lib/node.mjs'

const TOPIC = 'interop'

export async function pubsub(cells, parts) {
  await cells.run(`gossipsub on ${parts.name}`, '5 in a line', 20_000, async () => {
    const { gossipsub } = await import('../js-libp2p/services.mjs')
    const options = { services: { pubsub: gossipsub() } }
    const nodes = []
    try {
      for (let i = 0; i < 5; i++) {
        const node = await createNode(parts, options)
        node.services.pubsub.subscribe(TOPIC)
        nodes.push(node)
      }
      for (let i = 1; i < nodes.length; i++) {
        await nodes[i].dial(parts.multiaddr(nodes[i - 1].getMultiaddrs()[0].toString()))
      }
      const inMesh = (node, count) => node.services.pubsub.getMeshPeers(TOPIC).length === count
      await until(() => nodes.every((node, i) => inMesh(node, i === 0 || i === 4 ? 1 : 2)), {
        what: 'the mesh',
        timeout: 10_000
      })

      const arrived = new Promise(resolve => {
        nodes[4].services.pubsub.addEventListener('message', event => resolve(event.detail), { once: true })
      })
      await nodes[0].services.pubsub.publish(TOPIC, new TextEncoder().encode('from one end'))
      const message = await arrived
      assert(new TextDecoder().decode(message.data) === 'from one end', 'another message arrived')
      assert(message.from.equals(nodes[0].peerId), `the message is from ${message.from}`)
    } finally {
      await Promise.all(nodes.map(node => node.stop()))
    }
  })
}
