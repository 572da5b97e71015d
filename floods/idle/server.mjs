// The node that holds the connections: its limits are raised by options, everything else is at its defaults.
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { answer, settings } from '../lib/answer.mjs'
import { memoryInUse } from '../lib/memory.mjs'

const { connections } = settings
let disconnects = 0
const uncaught = []
process.on('uncaughtException', error => uncaught.push(String(error.stack ?? error)))
process.on('unhandledRejection', error => uncaught.push(String(error?.stack ?? error)))

const node = await createLibp2p({
  ...nodeDefaults(),
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  connectionManager: {
    maxConnections: 2 * connections,
    maxIncomingPendingConnections: 1000,
    inboundConnectionThreshold: Number.POSITIVE_INFINITY
  }
})
node.addEventListener('connection:close', () => disconnects++)

answer({
  memory: memoryInUse,
  ready: () => ({ address: node.getMultiaddrs()[0].toString() }),
  report: () => ({
    connections: node.getConnections().length,
    disconnects,
    uncaught,
    cpu: process.cpuUsage()
  })
})
