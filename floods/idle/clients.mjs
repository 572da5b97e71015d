// Many nodes, each a peer of its own with one connection, in one process.
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { answer, settings } from '../lib/answer.mjs'

const DIAL_LIMIT_MS = 60_000

const address = multiaddr(settings.address)
const nodes = []
let disconnects = 0

async function connectOne() {
  // The server watches the connection; that both do would be measured as the server's work too. A busy server answers late.
  const node = await createLibp2p({
    ...nodeDefaults(),
    connectionManager: { addressDialTimeout: DIAL_LIMIT_MS },
    connectionMonitor: { enabled: false }
  })
  node.addEventListener('connection:close', () => disconnects++)
  nodes.push(node)
  await node.dial(address, { signal: AbortSignal.timeout(DIAL_LIMIT_MS) })
}

answer({
  ready() {},
  /** Connects `count` nodes, `width` at a time. */
  async connect({ count, width }) {
    let left = count
    const lane = async () => {
      while (left-- > 0) await connectOne()
    }
    await Promise.all(Array.from({ length: width }, lane))
  },
  report: () => ({ connections: nodes.reduce((sum, node) => sum + node.getConnections().length, 0), disconnects })
})
