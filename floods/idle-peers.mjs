// Honest peers that are connected and do nothing: how many of their connections are still the first ones.
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { answer, settings } from './lib/answer.mjs'

const address = multiaddr(settings.address)
const lost = []
const nodes = []

answer({
  ready() {},
  async start({ count }) {
    for (let i = 0; i < count; i++) {
      const node = await createLibp2p(nodeDefaults())
      const connection = await node.dial(address)
      connection.addEventListener('close', event => lost.push(event.error?.message ?? 'closed'))
      nodes.push(node)
    }
  },
  report: () => ({ connected: nodes.length, lost })
})
