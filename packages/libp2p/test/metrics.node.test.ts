import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Sample } from '@weft/interface-metrics/compliance'
import { multiaddr } from '@weft/multiaddr'
import { openTelemetryMetrics } from '@weft/opentelemetry-metrics'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { type PrometheusMetrics, prometheusMetrics } from '@weft/prometheus-metrics'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { parseExposition } from '../../swarm/prometheus-metrics/test/exposition.ts'
import { eventually, portOf, tcpNode, type TestNode } from './tcp-nodes.ts'

const stops: Array<() => unknown> = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map(stop => stop()))
})

async function node(options: Parameters<typeof tcpNode>[0] = {}): Promise<TestNode> {
  const made = await tcpNode(options)
  stops.push(() => made.stop())
  return made
}

function measured(): Promise<TestNode> {
  const metrics = prometheusMetrics({ registry: new Registry(), collectDefaultMetrics: false, listen: { port: 0 } })
  return node({ metrics })
}

async function scrape({ metrics }: Libp2p): Promise<string> {
  const response = await fetch((metrics as PrometheusMetrics).endpoint!)
  return response.text()
}

function samples(text: string): Sample[] {
  return [...parseExposition(text).values()].flatMap(family => family.samples)
}

/** The values of a metric, by its label. */
function valuesOf(text: string, name: string): Record<string, number> {
  return Object.fromEntries(
    samples(text)
      .filter(sample => sample.name === name)
      .map(({ labels, value }) => [Object.values(labels)[0] ?? '', value])
  )
}

async function server(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const made = createServer(socket => {
    socket.on('error', () => {})
    stops.push(() => socket.destroy())
    onConnection(socket)
  })
  stops.push(() => made.close())
  made.listen(0, host)
  await once(made, 'listening')
  return (made.address() as { port: number }).port
}

describe('a node with Prometheus metrics', () => {
  it('has the names of js-libp2p that dashboards ask for', async () => {
    const [a, b] = [await measured(), await node()]
    await a.dial(b.getMultiaddrs())
    await a.services.ping.ping(b.peerId)
    const text = await scrape(a)
    const value = (name: string) => samples(text).find(sample => sample.name === name)?.value
    for (const name of ['dns_mappings', 'ip_mappings', 'observed_addresses', 'transport_addresses']) {
      expect([name, value(`libp2p_address_manager_${name}`)]).toEqual([name, expect.any(Number)])
    }
    expect(text).toContain('libp2p_connection_monitor_ping_time_milliseconds')
    expect(value('libp2p_noise_xxhandshake_successes_total')).toBe(1)
    expect(value('libp2p_noise_xxhandshake_error_total')).toBe(0)
    expect(value('libp2p_noise_encrypted_packets_total')).toBeGreaterThan(0)
    expect(value('libp2p_noise_decrypted_packets_total')).toBeGreaterThan(0)
    expect(value('libp2p_noise_decrypt_errors_total')).toBe(0)
  })

  it('shows its connections, streams, bytes and dials over HTTP, and names nobody', async () => {
    const [a, b] = await Promise.all([measured(), measured()])
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${portOf(b)}`)
    await a.dial(address)
    await a.services.ping.ping(b.peerId)
    await a.services.identify.identify(a.getConnections()[0]!)
    const stream = await a.dialProtocol(b.peerId, '/echo/1.0.0')
    const text = await scrape(a)
    expect(valuesOf(text, 'libp2p_connection_manager_connections')).toMatchObject({ outbound: 1, inbound: 0 })
    expect(valuesOf(text, 'libp2p_connections_by_transport')).toEqual({ 'outbound tcp': 1 })
    expect(valuesOf(text, 'libp2p_connections_by_channel')).toEqual({ 'outbound /noise': 1 })
    expect(valuesOf(text, 'libp2p_connections_by_muxer')).toEqual({ 'outbound /yamux/1.0.0': 1 })
    expect(valuesOf(text, 'libp2p_protocol_streams_total')).toMatchObject({ 'outbound /echo/1.0.0': 1 })
    expect(valuesOf(text, 'libp2p_dials_total')).toEqual({ connected: 1 })
    expect(valuesOf(text, 'libp2p_dial_addresses_total')).toEqual({ connected: 1 })
    expect(valuesOf(text, 'libp2p_dial_duration_seconds_count')).toEqual({ connected: 1 })
    expect(valuesOf(text, 'libp2p_handshake_duration_seconds_count')).toEqual({ outbound: 1 })
    expect(valuesOf(text, 'libp2p_connection_manager_dials_total')).toEqual({ outbound: 1 })
    const bytes = valuesOf(text, 'libp2p_data_transfer_bytes_total')
    // 32 bytes each way, without what agreed on the protocol.
    expect(bytes['/ipfs/ping/1.0.0 sent']).toBe(32)
    expect(bytes['/ipfs/ping/1.0.0 received']).toBe(32)
    expect(bytes['global sent']).toBeGreaterThan(500)
    expect(bytes['/ipfs/id/1.0.0 received']).toBeGreaterThan(100)
    expect(valuesOf(text, 'libp2p_event_loop_delay_seconds')['1']).toBeGreaterThanOrEqual(0)

    const other = await scrape(b)
    expect(valuesOf(other, 'libp2p_connections_by_transport')).toEqual({ 'inbound tcp': 1 })
    expect(valuesOf(other, 'libp2p_connection_manager_dials_total')).toEqual({ inbound: 1 })
    // Addresses are those that the node itself listens on.
    for (const name of [a.peerId, b.peerId].map(String)) {
      expect(text).not.toContain(name)
      expect(other).not.toContain(name)
    }
    expect(text).not.toContain(`tcp/${portOf(b)}`)
    stream.abort(new Error('done'))
    await a.getConnections()[0]!.close()
    expect(valuesOf(await scrape(a), 'libp2p_connections_by_transport')).toEqual({})
  })

  it('says at which stage dials and handshakes fail', async () => {
    const a = await measured()
    const b = await measured()
    const closes = await server(socket => socket.resume().end())
    const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    for (const address of [
      '/ip4/127.0.0.1/tcp/1',
      `/ip4/127.0.0.1/tcp/${closes}`,
      `/ip4/127.0.0.1/tcp/${portOf(b)}/p2p/${stranger}`,
      '/ip4/127.0.0.1/udp/1/quic-v1'
    ]) {
      await expect(a.dial(multiaddr(address))).rejects.toThrow()
    }
    await expect(
      a.dial(multiaddr(`/ip4/127.0.0.1/tcp/${portOf(b)}`), { signal: AbortSignal.timeout(0) })
    ).rejects.toThrow()
    const text = await scrape(a)
    expect(valuesOf(text, 'libp2p_dials_total')).toMatchObject({ failed: 4, aborted: 1 })
    const stages = valuesOf(text, 'libp2p_dial_failures_total')
    expect(stages).toMatchObject({ connect: 1, secure: 1 })
    expect((stages['negotiate'] ?? 0) + (stages['secure'] ?? 0)).toBe(2)
    expect(valuesOf(text, 'libp2p_dial_addresses_total')).toMatchObject({ failed: 3, filtered: 1 })
    expect(valuesOf(text, 'libp2p_connection_manager_dial_errors_total')).toMatchObject({ outbound: 2 })
    // The dialer gave the handshake up; the listener hears of it a little later.
    for (let other: Record<string, number> = {}; other['secure'] === undefined; ) {
      other = valuesOf(await scrape(b), 'libp2p_inbound_handshake_failures_total')
    }
  })

  it('counts how long addresses wait for a token', async () => {
    const registry = new Registry()
    const a = await node({
      metrics: prometheusMetrics({ registry, collectDefaultMetrics: false }),
      // Eight at once of one peer, one more every 30 ms: the others wait for one that is given up.
      connectionManager: { addressDialTimeout: 600 }
    })
    const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    const hosts = Array.from({ length: 12 }, (_, i) => `127.0.0.${i + 1}`)
    const ports = await Promise.all(hosts.map(host => server(() => {}, host)))
    await expect(
      a.dial(hosts.map((host, i) => multiaddr(`/ip4/${host}/tcp/${ports[i]}/p2p/${peer}`)))
    ).rejects.toThrow()
    const text = await registry.metrics()
    expect(valuesOf(text, 'libp2p_dial_token_wait_seconds_count')['peer']).toBeGreaterThanOrEqual(1)
    expect(valuesOf(text, 'libp2p_dial_tokens_used')).toEqual({ fd: 0, relay: 0, webrtc: 0, webtransport: 0 })
  })

  it('has the metrics that docs/metrics.md lists, with their types and labels, and no others', async () => {
    const a = await measured()
    const listed = new Map(
      [...readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8').matchAll(listedRow)].map(
        ([, name, type, label]) => [name!, { type, label: label === '' ? undefined : label }]
      )
    )
    const text = await scrape(a)
    const found = [...parseExposition(text).values()].filter(({ name }) => name.startsWith('libp2p_'))
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(listed.keys()))
    for (const { name, type, samples: all } of found) {
      expect({ name, type }).toEqual({ name, type: listed.get(name)!.type })
      const labels = new Set(all.flatMap(sample => Object.keys(sample.labels)).filter(label => label !== 'le'))
      for (const label of labels) expect({ name, label }).toEqual({ name, label: listed.get(name)!.label })
    }
  })
})

const listedRow = /^\| `(libp2p_\w+)` +\| (\w+) +\| `?([\w]*)`? +\|/gm

describe('a node with OpenTelemetry', () => {
  it('makes a span of each dial, of each address below it, and of each handshake', async () => {
    const spans = new InMemorySpanExporter()
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
    stops.push(() => trace.disable())
    const [a, b] = await Promise.all([1, 2].map(() => node({ metrics: openTelemetryMetrics({ spans: true }) })))
    const good = multiaddr(`/ip4/127.0.0.1/tcp/${portOf(b!)}/p2p/${b!.peerId.toString()}`)
    await a!.dial([multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${b!.peerId.toString()}`), good])
    await expect(a!.dial(multiaddr('/ip4/127.0.0.1/tcp/1'))).rejects.toThrow()
    await eventually(() => expect(named('libp2p.handshake')).toHaveLength(1))
    const [connected, failed] = named('libp2p.dial')
    expect(connected).toMatchObject({
      attributes: { 'libp2p.target': b!.peerId.toString() },
      status: { code: SpanStatusCode.OK }
    })
    expect(failed!.status.code).toBe(SpanStatusCode.ERROR)
    const addresses = named('libp2p.dial.address')
    const won = addresses.find(({ attributes }) => attributes['libp2p.outcome'] === 'connected')!
    expect(won.parentSpanContext?.spanId).toBe(connected!.spanContext().spanId)
    expect(won.attributes['libp2p.address']).toBe(good.toString())
    expect(won.events.map(({ name }) => name)).toEqual(['negotiate', 'secure', 'mux', 'identify'])
    const lost = addresses.find(({ parentSpanContext }) => parentSpanContext?.spanId === failed!.spanContext().spanId)!
    expect(lost).toMatchObject({
      attributes: { 'libp2p.outcome': 'failed', 'libp2p.stage': 'connect' },
      status: { code: SpanStatusCode.ERROR }
    })
    const [handshake] = named('libp2p.handshake')
    expect(handshake).toMatchObject({
      attributes: { 'libp2p.peer': a!.peerId.toString() },
      status: { code: SpanStatusCode.OK }
    })
    expect(handshake!.events.map(({ name }) => name)).toEqual(['negotiate', 'secure', 'mux'])

    function named(name: string): ReturnType<typeof spans.getFinishedSpans> {
      return spans.getFinishedSpans().filter(span => span.name === name)
    }
  })
})
