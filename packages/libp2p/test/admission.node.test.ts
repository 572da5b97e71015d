/** Inbound connections past their limits, over real sockets. Loopback has as many addresses as a test needs. */
import { connect, type Socket } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { isDialError } from '@weft/errors'
import { inspectionOf } from '@weft/interface-inspection'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectionManagerInit } from '../src/index.ts'
import { eventually, portOf, type TestNode, tcpNode, uncaught } from './tcp-nodes.ts'

uncaught()

const nodes: TestNode[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
})

async function node(connectionManager: ConnectionManagerInit = {}): Promise<TestNode> {
  // One ping in a minute: a test that counts streams or connections is not disturbed.
  const made = await tcpNode({ connectionManager, connectionMonitor: { pingInterval: 60_000 } })
  nodes.push(made)
  return made
}

/** Connects and says nothing. Resolves when it is connected or refused. */
async function silent(to: Libp2p, localAddress: string): Promise<Socket> {
  const socket = connect({ port: portOf(to), host: '127.0.0.1', localAddress })
  sockets.push(socket)
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
  return socket
}

function closed(socket: Socket): Promise<unknown> {
  return socket.destroyed ? Promise.resolve() : new Promise(resolve => socket.once('close', resolve))
}

/** The number of connections refused or evicted, by reason, without those that are 0. */
function refused(of: TestNode): Record<string, number> {
  const { connectionManager } = (of as unknown as { components: { connectionManager: object } }).components
  const all = (connectionManager as { refused: Record<string, number> }).refused
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0))
}

describe('inbound connections', () => {
  it('of one address have three handshakes under way; others still come', async () => {
    const server = await node({ exempt: [] })
    for (let i = 0; i < 3; i++) await silent(server, '127.0.0.2')
    for (let i = 0; i < 4; i++) await closed(await silent(server, '127.0.0.2'))
    const dialer = await node()
    expect((await dialer.dial(server.getMultiaddrs())).status).toBe('open')
    expect(refused(server)).toEqual({ 'pending-address': 4 })
  })

  it('make room for one another: the oldest of the busiest address goes', async () => {
    const server = await node({ exempt: [], maxIncomingPendingConnections: 5, maxIncomingPendingPerAddress: 3 })
    const oldest = await silent(server, '127.0.0.2')
    for (let i = 0; i < 2; i++) await silent(server, '127.0.0.2')
    for (let i = 0; i < 2; i++) await silent(server, '127.0.0.3')
    const dialer = await node()
    expect((await dialer.dial(server.getMultiaddrs())).status).toBe('open')
    await closed(oldest)
    expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([oldest])
    expect(refused(server)).toEqual({ evicted: 1 })
  })

  it('of one peer are four', async () => {
    const server = await node({ exempt: [], maxConnectionsPerAddress: 100 })
    const dialer = await node()
    for (let i = 0; i < 4; i++) await dialer.dial(server.getMultiaddrs(), { force: true })
    await dialer.dial(server.getMultiaddrs(), { force: true }).catch(() => {})
    await eventually(() => {
      expect(refused(server)).toEqual({ peer: 1 })
      expect(server.getConnections()).toHaveLength(4)
      expect(dialer.getConnections()).toHaveLength(4)
    })
  })

  it('of one address are eight, and its places are free again when they close', async () => {
    const server = await node({ exempt: [] })
    const dialers = []
    for (let i = 0; i < 8; i++) {
      dialers.push(await node())
      await dialers[i]!.dial(server.getMultiaddrs())
    }
    await eventually(() => expect(server.getConnections()).toHaveLength(8))
    const last = await node()
    await expect(last.dial(server.getMultiaddrs())).rejects.toSatisfy(isDialError)
    expect(refused(server)).toEqual({ address: 1 })
    await dialers[0]!.hangUp(server.peerId)
    await eventually(() => expect(server.getConnections()).toHaveLength(7))
    await last.dial(server.getMultiaddrs(), { force: true })
  })

  it('are let in or kept out by their address', async () => {
    const server = await node({
      exempt: [],
      maxIncomingPendingConnections: 0,
      allow: ['127.0.0.1'],
      deny: ['/ip4/127.0.0.2/ipcidr/32']
    })
    await closed(await silent(server, '127.0.0.2'))
    await closed(await silent(server, '127.0.0.3'))
    const dialer = await node()
    expect((await dialer.dial(server.getMultiaddrs())).status).toBe('open')
    expect(refused(server)).toEqual({ denied: 1, pending: 1 })
  })

  it('are held to the limits that the node tells, from the first moment, and all are given back', async () => {
    const server = await tcpNode({
      connectionManager: { exempt: [], maxConnectionsPerAddress: 3 },
      connectionMonitor: { pingInterval: 60_000 },
      resourceLimits: { system: { connectionsInbound: 4 } }
    })
    nodes.push(server)
    const row = (scope: string, resource: string): object =>
      inspectionOf(server)!
        .limits()
        .find(limit => limit.scope === scope && limit.resource === resource)!
    expect(row('address', 'pendingInbound')).toMatchObject({ value: 3, used: 0, refused: 0 })
    const dialers = [await node(), await node()]
    for (const dialer of dialers) await dialer.dial(server.getMultiaddrs())
    const sockets = [await silent(server, '127.0.0.2'), await silent(server, '127.0.0.1')]
    await eventually(() => {
      // Nothing was said on two of them: they count all the same.
      expect(row('system', 'connectionsInbound')).toMatchObject({ value: 4, used: 4, refused: 0 })
      expect(row('transient', 'pendingInbound')).toMatchObject({ value: 256, used: 2 })
      expect(row('address', 'connectionsInbound')).toMatchObject({ value: 3, used: 3, refused: 0 })
    })
    await closed(await silent(server, '127.0.0.1'))
    await closed(await silent(server, '127.0.0.3'))
    expect(row('address', 'connectionsInbound')).toMatchObject({ refused: 1 })
    expect(row('system', 'connectionsInbound')).toMatchObject({ used: 4, refused: 1 })
    for (const socket of sockets) socket.destroy()
    for (const dialer of dialers) await dialer.stop()
    await eventually(() => {
      for (const limit of ['connections', 'connectionsInbound', 'fileDescriptors']) {
        expect(row('system', limit)).toMatchObject({ used: 0 })
      }
      expect(row('address', 'connectionsInbound')).toMatchObject({ used: 0 })
    })
  })
})
