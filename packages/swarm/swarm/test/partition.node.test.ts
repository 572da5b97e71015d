/**
 * Links that die without a word, on virtual time: the promise is that both sides know within 12 s. In Node alone, because a
 * turn of a browser takes at least 4 ms, and there are thousands.
 */
import type { Connection, Libp2pEvents, Stream } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { Network, VirtualClock } from '@weft/testkit'
import { yamux } from '@weft/yamux'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeLogger } from '../../interface-node/test/fakes.ts'
import { DefaultConnectionManager } from '../src/connection-manager/connection-manager.ts'
import { DefaultRegistrar } from '../src/registrar.ts'
import { DefaultUpgrader } from '../src/upgrade/upgrader.ts'
import { ConnectionMonitor } from '../src/watch/connection-monitor.ts'
import { NetworkConnection } from './network-connection.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const step = 20

async function testNode() {
  const components = {
    peerId: peerIdFromPrivateKey(await generateKeyPair('Ed25519')),
    events: new EventEmitter<Libp2pEvents>(),
    logger: fakeLogger(),
    connectionGater: {},
    peerStore: {
      merge: async () => {},
      patch: async () => {},
      get: async () => ({ protocols: [], tags: new Map(), addresses: [] }),
      all: async () => []
    },
    peerRouting: {},
    transportManager: { dialTransportForMultiaddr: () => undefined }
  } as never as Record<'registrar' | 'connectionManager' | 'upgrader' | 'monitor', any> & {
    peerId: ReturnType<typeof peerIdFromPrivateKey>
    events: EventEmitter<Libp2pEvents>
  }
  components.registrar = new DefaultRegistrar(components as never)
  await components.registrar.handle('/ipfs/ping/1.0.0', async (stream: Stream) => {
    for await (const bytes of stream) stream.send(bytes)
    await stream.close()
  })
  components.connectionManager = new DefaultConnectionManager(components as never)
  components.upgrader = new DefaultUpgrader(components as never, { connectionEncrypters: [], streamMuxers: [] })
  components.monitor = new ConnectionMonitor(components as never)
  components.connectionManager.start()
  components.monitor.start()
  return components
}

/** Two connected nodes, and how to let time pass for them. */
async function connected(latency: number) {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed: 1, link: { latency } })
  const [a, b] = [await testNode(), await testNode()]
  const [near, far] = network.stream('a', 'b')
  const pass = async (ms: number, until: () => boolean = () => false): Promise<number> => {
    const from = clock.now
    while (clock.now - from < ms && !until()) {
      clock.advance(step)
      await vi.advanceTimersByTimeAsync(step)
    }
    return clock.now - from
  }
  const common = { skipEncryption: true as const, muxerFactory: yamux()(), signal: new AbortController().signal }
  const opened = Promise.all([
    a.upgrader.upgradeOutbound(new NetworkConnection(near, 'outbound'), { ...common, remotePeer: b.peerId }),
    b.upgrader.upgradeInbound(new NetworkConnection(far, 'inbound'), { ...common, remotePeer: a.peerId })
  ])
  await pass(2 * step)
  await opened
  const connections: Connection[] = [a, b].flatMap(node => node.connectionManager.getConnections())
  return { network, pass, connections, nodes: [a, b] }
}

describe('a link that dies', () => {
  it.each([0, 700, 2500, 4900, 5000, 5020, 5500, 7300, 9980, 10_040])(
    'is noticed by both sides within 12 s, %d ms after it was made',
    async before => {
      const { network, pass, connections, nodes } = await connected(40)
      expect(connections).toHaveLength(2)
      await pass(before)
      expect(connections.map(({ status }) => status)).toEqual(['open', 'open'])
      network.partition(['a'], ['b'])
      const took = await pass(20_000, () => connections.every(({ status }) => status === 'aborted'))
      expect(took).toBeLessThanOrEqual(12_000 + step)
      expect(nodes.map(node => node.connectionManager.getConnections())).toEqual([[], []])
      for (const node of nodes) node.monitor.stop()
    }
  )

  it.each([
    ['whose round trip takes 3 s', 1500, 0],
    ['that passes nothing for 4 s', 40, 4000]
  ])('is not a link %s', async (_what, latency, parted) => {
    const { network, pass, connections, nodes } = await connected(latency)
    await pass(30_000)
    network.partition(['a'], ['b'])
    await pass(parted)
    network.heal()
    await pass(30_000)
    expect(connections.map(({ status }) => status)).toEqual(['open', 'open'])
    for (const node of nodes) node.monitor.stop()
  })
})
