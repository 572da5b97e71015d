// Metrics for Prometheus: those of the node, and one of the application.
//
//   node examples/metrics.mjs                  prints its address, and where the metrics are: open it in a browser
//   node examples/metrics.mjs <address> 10     sends it ten greetings
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/libp2p/multiaddr'
import { prometheusMetrics } from '@weft/libp2p/prometheus-metrics'

const protocol = '/example/greeting/1.0.0'
const [address, count = '1'] = process.argv.slice(2)
if (address === undefined) await listen()
else await greet()

async function listen() {
  const node = await createLibp2p({
    ...nodeDefaults(),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    // A free port. In production give a fixed one, for Prometheus to scrape.
    metrics: prometheusMetrics({ listen: { host: '127.0.0.1', port: 0 } })
  })
  const greetings = node.metrics.registerCounter('example_greetings_total', { help: 'greetings received' })
  await node.handle(protocol, async stream => {
    greetings.increment()
    await stream.close()
  })
  console.log(`listening on ${node.getMultiaddrs()[0]}`)
  console.log(`metrics at ${node.metrics.endpoint}`)
  process.once('SIGINT', () => node.stop())
  process.once('SIGTERM', () => node.stop())
}

async function greet() {
  const node = await createLibp2p(nodeDefaults())
  for (let sent = 0; sent < Number(count); sent++) {
    const stream = await node.dialProtocol(multiaddr(address), protocol)
    await stream.close()
  }
  console.log(`sent ${count} greetings`)
  await node.stop()
}
