/** Pings that fail because this node is short, over real sockets: they say nothing about the remote, and cost no connection. */
import type { Connection, Stream } from '@libp2p/interface'
import type { ResourceManager } from '@weft/resources'
import { yamux } from '@weft/yamux'
import { expect, it, onTestFinished } from 'vitest'
import type { Libp2pOptions } from '../src/index.ts'
import { proposal } from '../../../wirekit/multistream.mjs'
import { DATA, frame, GO_AWAY, SYN, WINDOW } from '../../../wirekit/yamux.mjs'
import { RawPeer } from './raw-peer.ts'
import { eventually, portOf, type TestNode, type TestServices, tcpNode, uncaught } from './tcp-nodes.ts'

uncaught()

/** Watches its connections closely: a remote that says nothing is given up after two seconds. */
async function watcher(options: Libp2pOptions<TestServices> = {}): Promise<TestNode> {
  const connectionMonitor = { pingInterval: 50, pingTimeout: { minTimeout: 1_500, maxTimeout: 1_500 } }
  return started({ connectionMonitor, ...options })
}

async function started(options: Libp2pOptions<TestServices> = {}): Promise<TestNode> {
  const node = await tcpNode(options)
  onTestFinished(() => node.stop())
  return node
}

/** A peer that says nothing of itself: it pings nobody. */
function quiet(): Promise<TestNode> {
  return started({ connectionMonitor: { enabled: false } })
}

/** Counts the pings that the monitor begins, and keeps the names of what they failed with before a stream was there. */
function pingsOf(connection: Connection): { begun: number; failures: string[] } {
  const pings = { begun: 0, failures: [] as string[] }
  const open = connection.newStream.bind(connection)
  connection.newStream = async (protocols, options) => {
    if (protocols !== '/ipfs/ping/1.0.0') return open(protocols, options)
    pings.begun++
    try {
      return await open(protocols, options)
    } catch (error) {
      pings.failures.push((error as Error).name)
      throw error
    }
  }
  return pings
}

it('a remote that says nothing is given up: the watch is on', async () => {
  const node = await watcher()
  const peer = await RawPeer.muxed(portOf(node), '/yamux/1.0.0')
  await peer.gone()
})

it('no room for the ping in the accounts of this node', async () => {
  const [node, remote] = [await watcher(), await quiet()]
  const connection = await node.dial(remote.getMultiaddrs())
  await node.services.ping.ping(remote.peerId)
  const { resourceManager } = (node as unknown as { components: { resourceManager: ResourceManager } }).components
  resourceManager.setLimit('peer', 'memory', 0)
  const pings = pingsOf(connection)
  await eventually(() => expect(pings.begun).toBeGreaterThan(3))
  expect(new Set(pings.failures)).toEqual(new Set(['ResourceLimitError']))
  expect(connection.status).toBe('open')
})

it('no free stream for the ping', async () => {
  const [node, remote] = [await watcher({ streamMuxers: [yamux({ maxOutboundStreams: 4 })] }), await quiet()]
  const connection = await node.dial(remote.getMultiaddrs())
  await remote.handle('/held/1.0.0', () => {})
  const streams: Stream[] = []
  await eventually(async () => {
    if (streams.length < 4)
      streams.push(await connection.newStream('/held/1.0.0', { signal: AbortSignal.timeout(500) }))
    expect(streams).toHaveLength(4)
  })
  const pings = pingsOf(connection)
  await eventually(() => expect([pings.begun > 2, connection.status]).toEqual([true, 'open']))
})

it('a GoAway while streams are in use, which end in peace', async () => {
  const [node, remote] = [await watcher(), await quiet()]
  const other = await node.dial(remote.getMultiaddrs())
  const peer = await RawPeer.muxed(portOf(node), '/yamux/1.0.0')
  peer.send(frame(WINDOW, SYN, 1, 0))
  peer.send(frame(DATA, 0, 1, proposal('/echo/1.0.0')))
  await eventually(() => expect(peer.dataOf(1)).toEqual(proposal('/echo/1.0.0')))
  peer.send(frame(GO_AWAY, 0, 0, 0))
  // All connections are pinged in one round: when this one has had four, the other one could have.
  const pings = pingsOf(other)
  await eventually(() => expect(pings.begun).toBeGreaterThan(4))
  peer.send(frame(DATA, 0, 1, Uint8Array.of(1, 2, 3)))
  await eventually(() => expect([...peer.dataOf(1).subarray(-3)]).toEqual([1, 2, 3]))
  peer.socket.destroy()
})

it('a connection that is not read, as this node’s own readers are slow', async () => {
  const node = await watcher({ resourceLimits: { connection: { memory: 128 * 1024 } } })
  const remote = await quiet()
  const connection = await node.dial(remote.getMultiaddrs())
  await node.handle('/unread/1.0.0', () => {})
  await eventually(() => expect(remote.getConnections(node.peerId)).toHaveLength(1))
  const [back] = remote.getConnections(node.peerId)
  const stream = await back!.newStream('/unread/1.0.0')
  const pings = pingsOf(connection)
  stream.send(new Uint8Array(250_000))
  await eventually(() => expect(pings.begun).toBeGreaterThan(2))
  expect([connection.status, stream.status]).toEqual(['open', 'open'])
})
