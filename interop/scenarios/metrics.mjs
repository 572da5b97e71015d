// weft's metrics inside js-libp2p's node: js-libp2p registers, calls and traces; a scrape must show it.
import { openTelemetryMetrics } from '@weft/opentelemetry-metrics'
import { prometheusMetrics } from '@weft/prometheus-metrics'
import { assert, createNode, identified, until } from '../lib/node.mjs'

export async function metrics(cells, ours, theirs) {
  await cells.run('weft part in js', 'prometheus metrics', 10_000, () => prometheus(ours, theirs))
  await cells.run('weft part in js', 'opentelemetry metrics', 10_000, () => openTelemetry(theirs))
}

/** With js-libp2p's own streams, and with weft's muxer in js-libp2p's node. */
async function prometheus(ours, theirs) {
  for (const parts of [theirs, { ...theirs, yamux: ours.yamux, noise: ours.noise }]) {
    const listen = { port: 0 }
    const nodes = await Promise.all([
      createNode(theirs, {}, { ...parts, metrics: prometheusMetrics({ listen }) }),
      createNode(theirs)
    ])
    try {
      const [measured, other] = nodes
      await measured.dial(theirs.multiaddr(other.getMultiaddrs()[0].toString()))
      await until(() => identified(measured, other.peerId), { what: 'identify data' })
      await measured.services.ping.ping(other.peerId)
      const text = await (await fetch(measured.metrics.endpoint)).text()
      const value = line => Number(new RegExp(`^${line.replace(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1])
      const connections = 'libp2p_connection_manager_connections'
      assert(value(`${connections}{${connections}="outbound"}`) === 1, 'the connection is not counted')
      for (const key of ['global sent', 'global received', '/ipfs/ping/1.0.0 sent', '/ipfs/ping/1.0.0 received']) {
        const bytes = value(`libp2p_data_transfer_bytes_total{protocol="${key}"}`)
        assert(bytes >= 32, `${key}: ${bytes} bytes`)
      }
      assert(!text.includes(other.peerId.toString()), 'a metric names the peer')
      await measured.stop()
      assert(measured.metrics.endpoint === undefined, 'the endpoint is still there')
    } finally {
      await Promise.all(nodes.map(node => node.stop()))
    }
  }
}

/** Without an SDK: nothing is kept, and nothing breaks. */
async function openTelemetry(theirs) {
  const nodes = await Promise.all([
    createNode(theirs, {}, { ...theirs, metrics: openTelemetryMetrics({ spans: true }) }),
    createNode(theirs)
  ])
  try {
    const [measured, other] = nodes
    await measured.dial(theirs.multiaddr(other.getMultiaddrs()[0].toString()))
    await measured.services.ping.ping(other.peerId)
  } finally {
    await Promise.all(nodes.map(node => node.stop()))
  }
}
