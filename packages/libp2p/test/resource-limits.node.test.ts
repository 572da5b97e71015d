/** Every limit of the accounts, between real nodes. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Libp2p, Startable, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { concat } from '@weft/bytes'
import { type Echo, echo } from '@weft/echo'
import { isDialError } from '@weft/errors'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@weft/identify'
import type { Components } from '@weft/interface-node'
import { type Perf, perf } from '@weft/perf'
import { type Ping, ping } from '@weft/ping'
import { type ResourceLimits, type ResourceManager, type ScopeKind, streamOverhead } from '@weft/resources'
import { afterEach, describe, expect, it } from 'vitest'
import type { Libp2pOptions } from '../src/index.ts'
import { proposal } from '../../../wirekit/multistream.mjs'
import {
  DATA as yamuxData,
  frame as yamuxFrame,
  SYN as yamuxSyn,
  WINDOW as yamuxWindow
} from '../../../wirekit/yamux.mjs'
import { RawPeer } from './raw-peer.ts'
import { eventually, portOf, type TestNode, type TestServices, tcpNode, turn, uncaught } from './tcp-nodes.ts'

uncaught()

type AllServices = { identify: Identify; identifyPush: IdentifyPush; ping: Ping; perf: Perf; echo: Echo }

const nodes: TestNode[] = []

afterEach(async () => {
  const stopped = nodes.splice(0)
  await Promise.all(stopped.map(async node => node.stop()))
  // What nodes held is given back, whatever happened in the test.
  for (const node of stopped) {
    await eventually(() => {
      const peers = used(node, 'service', 'peerStore')!['memory']!
      for (const { scope, scopeName, used: amounts } of accounts(node).usage()) {
        // The peer store keeps what it knows.
        const memory = scope === 'system' || scopeName === 'peerStore' ? peers : 0
        expect(amounts).toEqual({ ...Object.fromEntries(Object.keys(amounts).map(name => [name, 0])), memory })
      }
    })
  }
})

async function start(options: Libp2pOptions<TestServices> = {}): Promise<TestNode> {
  const node = await tcpNode(options)
  nodes.push(node)
  return node
}

const limited = (resourceLimits: ResourceLimits): Promise<TestNode> => start({ resourceLimits })

function accounts(node: Libp2p): ResourceManager {
  return (node as unknown as { components: { resourceManager: ResourceManager } }).components.resourceManager
}

function used(node: Libp2p, kind: ScopeKind, name = ''): Record<string, number> | undefined {
  const found = accounts(node)
    .usage()
    .find(({ scope, scopeName }) => scope === kind && (name === '' || scopeName === name))
  return found?.used
}

function addressOf(node: Libp2p): Multiaddr {
  return node.getMultiaddrs()[0]!
}

const hold = '/hold/1.0.0'
/** A protocol whose streams are kept and not read. */
async function holdStreams(node: Libp2p, maxInboundStreams = 2000): Promise<Stream[]> {
  const streams: Stream[] = []
  await node.handle(hold, stream => void streams.push(stream), { maxInboundStreams })
  return streams
}

describe('connections', () => {
  it('are counted in node and peer, in both directions, with their sockets', async () => {
    const [a, b] = [await start(), await start()]
    const connection = await a.dial(addressOf(b))
    const common = { connections: 1, fileDescriptors: 1, pendingInbound: 0 }
    expect(used(a, 'system')).toMatchObject({ ...common, connectionsOutbound: 1, connectionsInbound: 0 })
    expect(used(a, 'peer', b.peerId.toString())).toMatchObject({ ...common, connectionsOutbound: 1 })
    await eventually(() => expect(used(b, 'peer', a.peerId.toString())).toMatchObject({ connectionsInbound: 1 }))
    await connection.close()
    await eventually(() => {
      for (const node of [a, b]) expect(used(node, 'system')).toMatchObject({ connections: 0, fileDescriptors: 0 })
    })
  })

  it.each([
    ['inbound ones of the node', { system: { connectionsInbound: 1 } }],
    ['all of the node', { system: { connections: 1 } }],
    ['descriptors', { system: { fileDescriptors: 1 } }],
    ['memory', { system: { memory: 60 * 1024 } }]
  ] as Array<[string, ResourceLimits]>)('are refused past the limit: %s', async (_, limits) => {
    const [b, a, c] = [await limited(limits), await start(), await start()]
    await a.dial(addressOf(b))
    await expect(c.dial(addressOf(b))).rejects.toSatisfy(isDialError)
    expect(accounts(b).refusals()).toMatchObject([{ scope: 'system', count: 1 }])
    expect(b.getConnections()).toHaveLength(1)
    await a.hangUp(b.peerId)
    await eventually(() => expect(b.getConnections()).toHaveLength(0))
    await c.dial(addressOf(b))
  })

  it('are refused while they are pending, past the limit of those', async () => {
    const [b, a] = [await limited({ transient: { pendingInbound: 0 } }), await start()]
    await expect(a.dial(addressOf(b))).rejects.toSatisfy(isDialError)
    expect(accounts(b).refusals()).toEqual([{ scope: 'transient', resource: 'pendingInbound', count: 1 }])
  })

  it('are not dialed past the limit: the error of the dial says which', async () => {
    const [a, b] = [await limited({ system: { connectionsOutbound: 0 } }), await start()]
    await expect(a.dial(addressOf(b))).rejects.toMatchObject({
      name: 'ResourceLimitError',
      code: 'ERR_RESOURCE_LIMIT',
      option: 'resourceLimits.system.connectionsOutbound',
      limit: 0,
      attempts: [{ address: addressOf(b).toString() }]
    })
  })

  it('follow maxConnections', async () => {
    const [b, a] = [await start({ connectionManager: { maxConnections: 1 } }), await start()]
    expect(accounts(b).limits()).toContainEqual(
      expect.objectContaining({
        scope: 'system',
        resource: 'connectionsInbound',
        value: 1,
        option: 'connectionManager.maxConnections'
      })
    )
    await a.dial(addressOf(b))
    await expect((await start()).dial(addressOf(b))).rejects.toSatisfy(isDialError)
    // What this side dials comes on top, and is pruned.
    await b.dial(addressOf(await start()))
  })
})

describe('streams', () => {
  it('are transient until their protocol is agreed', async () => {
    const [a, b] = [await start(), await start()]
    const held = await holdStreams(b)
    const connection = await a.dial(addressOf(b))
    const stream = await connection.newStream(hold)
    stream.send(new Uint8Array(1000))
    await eventually(() => expect(used(b, 'protocol', hold)).toMatchObject({ streamsInbound: 1 }))
    expect(used(a, 'protocol', hold)).toMatchObject({ streamsOutbound: 1 })
    await eventually(() => expect(used(b, 'protocol', hold)?.['memory']).toBe(streamOverhead + 1000))
    for (const node of [a, b]) {
      await eventually(() => expect(used(node, 'transient')).toMatchObject({ streams: 0, memory: 0 }))
    }
    stream.abort(new Error('done'))
    await eventually(() => expect(used(b, 'protocol', hold)).toBeUndefined())
    expect(held).toHaveLength(1)
  })

  it.each([
    ['of the node', { system: { streamsInbound: 3 } }],
    ['of the connection', { connection: { streamsInbound: 3 } }],
    ['of the peer', { peer: { streamsInbound: 3 } }],
    ['of the protocol', { protocols: { [hold]: { streams: 3 } } }]
  ] as Array<[string, ResourceLimits]>)('of the remote are reset past the limit: %s', async (_, limits) => {
    // No services, so that the streams are those of the test.
    const services = {} as never
    const b = await start({ resourceLimits: limits, services })
    const a = await start({ services })
    const held = await holdStreams(b)
    const connection = await a.dial(addressOf(b))
    const streams: Stream[] = []
    for (let i = 0; i < 3; i++) streams.push(await connection.newStream(hold))
    await eventually(() => expect(held).toHaveLength(3))
    const outcome = connection.newStream(hold).then(
      async stream => {
        await eventually(() => expect(stream.status).not.toBe('open'))
        return stream.status
      },
      (error: Error) => error.name
    )
    expect(await outcome).toMatch(/reset|StreamResetError/)
    expect(held).toHaveLength(3)
    streams[0]!.abort(new Error('done'))
    await eventually(() => expect(used(b, 'system')?.['streams']).toBe(2))
    await connection.newStream(hold)
    expect(connection.status).toBe('open')
  })

  it('are not opened past the limit', async () => {
    const [a, b] = [await limited({ protocols: { [hold]: { streamsOutbound: 1 } } }), await start()]
    await holdStreams(b)
    const connection = await a.dial(addressOf(b))
    await connection.newStream(hold)
    await expect(connection.newStream(hold)).rejects.toMatchObject({
      name: 'ResourceLimitError',
      scope: 'protocol',
      scopeName: hold,
      option: 'resourceLimits.protocols["/hold/1.0.0"].streamsOutbound'
    })
    expect(used(a, 'protocol', hold)).toMatchObject({ streams: 1 })
  })
})

describe('services', () => {
  const services = {
    identify: identify(),
    // Its streams are those of the test alone.
    identifyPush: identifyPush({ runOnSelfUpdate: false }),
    ping: ping(),
    perf: perf(),
    echo: echo()
  }
  const withServices = (resourceLimits: ResourceLimits = {}): Promise<Libp2p<AllServices>> => {
    return start({ resourceLimits, services: services as never }) as unknown as Promise<Libp2p<AllServices>>
  }

  it.each([
    ['identify', '/ipfs/id/1.0.0'],
    ['identifyPush', '/ipfs/id/push/1.0.0'],
    ['ping', '/ipfs/ping/1.0.0'],
    ['perf', '/perf/1.0.0'],
    ['echo', '/echo/1.0.0']
  ] as const)(
    'have their streams in their account, in both directions, and refuse past a limit: %s',
    async (name, protocol) => {
      const [a, b] = [await withServices(), await withServices({ services: { [name]: { streamsInbound: 1 } } })]
      const connection = await a.dial(addressOf(b))
      const quiet = (): void => {
        for (const node of [a, b]) expect(used(node, 'system')).toMatchObject({ streams: 0 })
      }
      await eventually(quiet)
      // A first byte would be answered, and the stream might be over: what has none is held open.
      const stream = await connection.newStream(protocol)
      expect(used(a, 'service', name)).toMatchObject({ streams: 1, streamsOutbound: 1 })
      await eventually(() => expect(used(b, 'service', name)).toMatchObject({ streams: 1, streamsInbound: 1 }))
      // From one that has no services, and asks nothing by itself.
      const another = await (await start({ services: {} as never })).dial(addressOf(b))
      await another.newStream(protocol).then(
        second => eventually(() => expect(second.status).toBe('reset')),
        (error: Error) => expect(error.name).toBe('StreamResetError')
      )
      expect(accounts(b).refusals()).toEqual([{ scope: 'service', resource: 'streamsInbound', count: 1 }])
      stream.abort(new Error('done'))
      await eventually(quiet)
      expect(used(a, 'service', name)).toBeUndefined()
      expect(used(b, 'service', name)).toBeUndefined()
    }
  )

  it('are told which option has refused what they open', async () => {
    const [a, b] = [await withServices({ services: { ping: { streamsOutbound: 0 } } }), await withServices()]
    const connection = await a.dial(addressOf(b))
    await expect(a.services.ping.ping(connection.remotePeer)).rejects.toMatchObject({
      name: 'ResourceLimitError',
      scope: 'service',
      scopeName: 'ping',
      option: 'resourceLimits.services["ping"].streamsOutbound'
    })
    expect(accounts(a).refusals()).toContainEqual({ scope: 'service', resource: 'streamsOutbound', count: 1 })
    await b.services.ping.ping(a.peerId)
  })

  it('need not know of it: the name is the key under services, and what the user handles is no service', async () => {
    const chat = (components: Pick<Components, 'registrar'>): Startable => ({
      start: async () => components.registrar.handle('/chat/1.0.0', () => {}, { maxInboundStreams: 5 }),
      stop: async () => components.registrar.unhandle('/chat/1.0.0')
    })
    const b = await start({ services: { talk: chat } as never })
    const a = await start({ services: {} as never })
    await holdStreams(b)
    const connection = await a.dial(addressOf(b))
    await connection.newStream('/chat/1.0.0')
    await connection.newStream(hold)
    await eventually(() => expect(used(b, 'protocol', hold)).toMatchObject({ streamsInbound: 1 }))
    await eventually(() => expect(used(b, 'service', 'talk')).toMatchObject({ streamsInbound: 1 }))
    expect(
      accounts(b)
        .usage()
        .filter(({ scope, used: amounts }) => scope === 'service' && amounts.streams > 0)
    ).toHaveLength(1)
  })
})

describe('memory', () => {
  it('holds the sender back at the limit of a connection, and loses nothing', async () => {
    const limit = 300 * 1024
    const [a, b] = [await start(), await limited({ connection: { memory: limit } })]
    const held = await holdStreams(b)
    const connection = await a.dial(addressOf(b))
    const size = 200 * 1024
    const streams: Stream[] = []
    for (let i = 0; i < 4; i++) streams.push(await connection.newStream(hold))
    await eventually(() => expect(held).toHaveLength(4))
    for (const stream of streams) {
      stream.send(new Uint8Array(size))
      void stream.close()
    }
    await eventually(() => expect(accounts(b).refusals()).toMatchObject([{ scope: 'connection', resource: 'memory' }]))
    expect(used(b, 'connection')!['memory']).toBeLessThanOrEqual(limit)
    const sizes = await Promise.all(
      held.map(async stream => {
        let length = 0
        for await (const list of stream) length += list.byteLength
        return length
      })
    )
    expect(sizes).toEqual([size, size, size, size])
    await eventually(() => expect(used(b, 'connection')!['memory']).toBe(0))
  })

  it('ends a stream whose writer does not wait for a remote that does not read, and that stream alone', async () => {
    const limit = 1024 * 1024
    const [a, b] = [await limited({ connection: { unsent: limit } }), await start()]
    const held = await holdStreams(b)
    const connection = await a.dial(addressOf(b))
    const stream = await connection.newStream(hold)
    const ended = new Promise<Error | undefined>(resolve => {
      stream.addEventListener('close', event => resolve((event as { error?: Error }).error))
    })
    const refused = {
      name: 'ResourceLimitError',
      scope: 'connection',
      resource: 'unsent',
      limit,
      option: 'resourceLimits.connection.unsent'
    }
    let sent = 0
    const flood = async (): Promise<void> => {
      for (; sent < 64 * limit; sent += 16 * 1024) {
        stream.send(new Uint8Array(16 * 1024))
        expect(used(a, 'connection')!['unsent']).toBeLessThanOrEqual(limit)
        if (sent % limit === 0) await turn()
      }
    }
    await expect(flood()).rejects.toMatchObject(refused)
    // What the remote's window and the sockets took, and the limit.
    expect(sent).toBeLessThan(8 * limit)
    expect(await ended).toMatchObject(refused)
    expect(accounts(a).refusals()).toEqual([{ scope: 'connection', resource: 'unsent', count: 1 }])
    await eventually(() => expect(held[0]!.status).toBe('reset'))
    await eventually(() => expect(used(a, 'system')).toMatchObject({ unsent: 0 }))
    expect(await a.services.ping.ping(b.peerId)).toBeGreaterThanOrEqual(0)
  })

  it('is charged for a write that a remote reads nothing of, and given back with the connection', async () => {
    const b = await start()
    const streams = await holdStreams(b)
    const peer = await RawPeer.muxed(portOf(b), '/yamux/1.0.0')
    peer.socket.pause()
    peer.send(
      concat([yamuxFrame(yamuxWindow, yamuxSyn, 1, 64 * 1024 * 1024), yamuxFrame(yamuxData, 0, 1, proposal(hold))])
    )
    await eventually(() => expect(streams).toHaveLength(1))
    const [stream] = streams as [Stream]
    while (stream.send(new Uint8Array(64 * 1024))) await turn()
    await eventually(() => expect(used(b, 'system')!['unsent']).toBeGreaterThan(0))
    peer.socket.destroy()
    await eventually(() => expect(used(b, 'system')).toMatchObject({ unsent: 0, connections: 0 }))
  })

  it('is accounted for at least as much as it takes: 100,000 messages of one byte on 1,000 streams', async () => {
    const collectGarbage = exposeGc()
    const b = await limited({})
    const held = await holdStreams(b)
    const peer = await RawPeer.muxed(portOf(b), '/yamux/1.0.0')
    const opening = (id: number): Uint8Array =>
      concat([yamuxFrame(yamuxWindow, yamuxSyn, id, 0), yamuxFrame(yamuxData, 0, id, proposal(hold))])
    // A few streams first, so that what is made once is there before.
    for (let i = 0; i < 10; i++) peer.send(opening(2 * i + 1))
    await eventually(() => expect(held).toHaveLength(10))
    collectGarbage()
    const before = { heap: memory(), accounted: used(b, 'protocol', hold)!['memory']! }
    for (let i = 10; i < 1000; i++) peer.send(opening(2 * i + 1))
    await eventually(() => expect(held).toHaveLength(1000), 60_000)
    for (let round = 0; round < 100; round++) {
      peer.send(concat(held.map((_, i) => yamuxFrame(yamuxData, 0, 2 * i + 1, Uint8Array.of(round)))))
      await turn()
    }
    const unread = (): number => held.reduce((sum, stream) => sum + stream.readBufferLength, 0)
    await eventually(() => expect(unread()).toBe(100_000), 60_000)
    collectGarbage()
    const heap = memory() - before.heap
    const accounted = used(b, 'protocol', hold)!['memory']! - before.accounted
    expect(accounted).toBe(990 * streamOverhead + 100_000)
    expect(heap).toBeLessThan(accounted)
    peer.socket.destroy()
  }, 120_000)
})

/** Bytes that are in use, buffers included. */
function memory(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

function exposeGc(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  return () => {
    for (let i = 0; i < 3; i++) collect()
  }
}
