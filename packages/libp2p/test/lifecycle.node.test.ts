import { once } from 'node:events'
import { createServer } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { tcp } from '@weft/tcp'
import { yamux } from '@weft/yamux'
import { describe, expect, it } from 'vitest'
import { createLibp2p, type Libp2pOptions } from '../src/index.ts'
import { proposal } from '../../../wirekit/multistream.mjs'
import {
  DATA as yamuxData,
  frame as yamuxFrame,
  SYN as yamuxSyn,
  WINDOW as yamuxWindow
} from '../../../wirekit/yamux.mjs'
import { RawPeer } from './raw-peer.ts'
import {
  eventually,
  handles,
  left,
  portOf,
  SlotMeter,
  tcpNode,
  tcpOptions,
  type TestNode,
  type TestServices,
  turn,
  uncaught
} from './tcp-nodes.ts'

uncaught()

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/**
 * Milliseconds that a stop may take here, twenty times what it takes where nothing else runs. What would be waited for is longer
 * by far, or without an end: handshakes and dials that nobody answers, streams that nobody reads.
 */
const stopLimit = 5000

/** Two nodes, which a test stops. */
function pair(options: Libp2pOptions<TestServices> = {}): Promise<[TestNode, TestNode]> {
  return Promise.all([tcpNode(options), tcpNode(options)])
}

describe('starting and stopping', () => {
  it('leaves no handle and no listener, 50 times', async () => {
    const before = handles()
    const [a, b] = await pair()
    const cycle = async (): Promise<void> => {
      await a.services.ping.ping(b.getMultiaddrs())
      await a.stop()
      await eventually(() => expect(b.getConnections()).toEqual([]))
      await a.start()
    }
    await cycle()
    const { events } = (a as unknown as { components: { events: Counted } }).components
    const types = ['connection:open', 'connection:close', 'peer:update', 'peer:identify', 'peer:disconnect'] as const
    const listeners = (): number[] => types.map(type => events.listenerCount(type))
    const counts = listeners()
    expect(counts[0]).toBeGreaterThan(0)
    for (let i = 0; i < 49; i++) await cycle()
    expect(listeners()).toEqual(counts)
    await Promise.all([a.stop(), b.stop()])
    await eventually(() => expect(left(before)).toEqual([]))
  })

  it('does not wait for open connections and streams', async () => {
    const before = handles()
    const [a, b] = await pair()
    await b.handle('/hold/1', async stream => {
      for await (const _ of stream);
    })
    for (let i = 0; i < 12; i++) {
      const connection = await a.dial(b.getMultiaddrs(), { force: true })
      for (let j = 0; j < 12; j++) {
        const stream = await connection.newStream('/hold/1')
        stream.send(new Uint8Array(1000))
      }
    }
    const began = performance.now()
    await a.stop()
    expect(performance.now() - began).toBeLessThan(stopLimit)
    await b.stop()
    await eventually(() => expect(left(before)).toEqual([]))
  })

  it('does not wait for remotes that are silent', async () => {
    const before = handles()
    const meter = new SlotMeter()
    const node = await tcpNode({ metrics: meter.factory })
    // One that reads nothing of what it asked for, one in its handshake, and one that is dialed.
    const unread = await RawPeer.muxed(portOf(node), '/yamux/1.0.0')
    unread.socket.pause()
    for (let id = 1; id < 80; id += 2) {
      unread.send(yamuxFrame(yamuxWindow, yamuxSyn, id, 0))
      unread.send(yamuxFrame(yamuxData, 0, id, proposal('/echo/1.0.0')))
      unread.send(yamuxFrame(yamuxData, 0, id, new Uint8Array(200_000)))
    }
    const pending = await RawPeer.connect(portOf(node))
    const silent = createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const dial = expect(node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`))).rejects.toBeInstanceOf(Error)
    await eventually(() => {
      expect(meter.read()).toEqual({ inbound: 1, 'inbound pending': 1, outbound: 0, 'outbound pending': 1 })
      expect(node.getConnections()[0]!.streams.length).toBeGreaterThan(30)
    })
    const began = performance.now()
    await node.stop()
    expect(performance.now() - began).toBeLessThan(stopLimit)
    await dial
    for (const { socket } of [unread, pending]) socket.destroy()
    silent.close()
    await eventually(() => expect(left(before)).toEqual([]))
  })

  it('ends dials and handshakes that are under way', async () => {
    const before = handles()
    const meter = new SlotMeter()
    const [a, b] = await Promise.all([tcpNode(), tcpNode({ metrics: meter.factory })])
    const dials = Array.from({ length: 30 }, () => a.dial(b.getMultiaddrs(), { force: true }))
    const settled = Promise.allSettled(dials)
    await eventually(() => expect(meter.read()['inbound pending']).toBeGreaterThan(0))
    await Promise.all([a.stop(), b.stop()])
    await settled
    expect([a.getConnections(), b.getConnections()]).toEqual([[], []])
    await eventually(() => expect(left(before)).toEqual([]))
  })
})

describe('a node that cannot be', () => {
  const address = { listen: ['/ip4/127.0.0.1/tcp/0'] }
  /** Options that a part refuses, or the node, by what the error names. */
  const wrong: Record<string, () => object> = {
    'transports[0]': () => ({ transports: [{}] }),
    'streamMuxers[1]': () => ({ streamMuxers: [yamux(), yamux()] }),
    'connectionEncrypters[1]': () => ({ connectionEncrypters: [noise(), noise()] }),
    'services.ping': () => ({ services: { ping: 1 } }),
    'addresses.listen[1]': () => ({ addresses: { listen: [...address.listen, '/ip4/x'] } }),
    'connectionManager.dialTimeout': () => ({ connectionManager: { dialTimeout: -1 } }),
    'connectionManager.maxParallelDials': () => ({ connectionManager: { maxParallelDials: Number.NaN } }),
    'connectionManager.allow[0]': () => ({ connectionManager: { allow: ['nonsense'] } }),
    'connectionManager.deny[1]': () => ({ connectionManager: { deny: ['10.0.0.0/8', '10.0.0.0/33'] } }),
    'connectionMonitor.pingInterval': () => ({ connectionMonitor: { pingInterval: -1 } }),
    'transportManager.faultTolerance': () => ({ transportManager: { faultTolerance: 7 } }),
    maxAddressAge: () => ({ peerStore: { maxAddressAge: -1 } }),
    'tcp: backlog': () => ({ transports: [tcp({ backlog: 0 })] }),
    'yamux: maxInboundStreams': () => ({ streamMuxers: [yamux({ maxInboundStreams: -1 })] }),
    'mplex: maxMessageSize': () => ({ streamMuxers: [mplex({ maxMessageSize: 0 })] }),
    'noise: staticNoiseKey': () => ({ connectionEncrypters: [noise({ staticNoiseKey: new Uint8Array(3) })] })
  }

  it.each(Object.entries(wrong))('names %s and leaves nothing behind', async (name, options) => {
    const before = handles()
    const made = async (): Promise<unknown> => createLibp2p({ ...tcpOptions(), ...options() })
    await expect(made()).rejects.toMatchObject({
      name: 'InvalidParametersError',
      message: expect.stringContaining(name)
    })
    await eventually(() => expect(left(before)).toEqual([]))
  })

  it.each([
    ['is taken', 'EADDRINUSE'],
    ['no transport handles', '/ip4/127.0.0.1/udp/1']
  ])('names the address that %s and leaves nothing behind', async (_why, text) => {
    const before = handles()
    const first = await tcpNode()
    const [taken] = first.getMultiaddrs()
    const second = text === 'EADDRINUSE' ? taken!.toString() : text
    const made = tcpNode({ addresses: { listen: ['/ip4/127.0.0.1/tcp/0', second] } })
    await expect(made).rejects.toMatchObject({
      name: 'UnsupportedListenAddressesError',
      message: expect.stringContaining(second)
    })
    await expect(made).rejects.toThrow(text)
    await first.stop()
    await eventually(() => expect(left(before)).toEqual([]))
  })
})

describe('code of the user that throws', () => {
  const fail = (): never => {
    throw new Error('of the user')
  }
  const handlers: Record<string, (stream: Stream) => void | Promise<void>> = {
    throws: fail,
    rejects: async () => fail(),
    'throws in a listener of a message': stream => stream.addEventListener('message', fail),
    'throws in a listener of the close': stream => {
      stream.addEventListener('close', fail)
      stream.abort(new Error('to close it'))
    },
    'throws in a listener of the end': stream => {
      stream.addEventListener('remoteCloseWrite', fail)
    }
  }

  it.each(Object.entries(handlers))('a handler that %s costs its stream only', async (_what, handler) => {
    const [a, b] = await pair()
    await b.handle('/user/1', handler)
    const connection = await a.dial(b.getMultiaddrs())
    const stream = await connection.newStream('/user/1')
    try {
      stream.send(Uint8Array.of(1))
      await stream.close()
    } catch {
      // The reset may have come before.
    }
    await eventually(() => expect(b.getConnections()[0]!.streams.filter(isUsers)).toEqual([]))
    expect(await a.services.ping.ping(b.peerId)).toBeGreaterThan(0)
    expect(a.getConnections()).toEqual([connection])
    await Promise.all([a.stop(), b.stop()])
  })

  it('a listener of the node or of a connection that throws costs nothing', async () => {
    const [a, b] = await pair()
    for (const type of ['peer:connect', 'connection:open', 'peer:identify', 'peer:update'] as const) {
      b.addEventListener(type, fail)
      a.addEventListener(type, fail)
    }
    for (const type of ['connection:close', 'peer:disconnect', 'stop'] as const) b.addEventListener(type, fail)
    const topology = { onConnect: fail, onDisconnect: fail }
    for (const node of [a, b]) await node.register('/ipfs/ping/1.0.0', topology)
    const connection = await a.dial(b.getMultiaddrs())
    connection.addEventListener('close', fail)
    expect(await a.services.ping.ping(b.peerId)).toBeGreaterThan(0)
    await connection.close()
    await eventually(() => expect([a.getConnections(), b.getConnections()]).toEqual([[], []]))
    await Promise.all([a.stop(), b.stop()])
  })

  it('a gater or a middleware that throws costs its connection or stream only', async () => {
    let refuse = true
    const denyInboundConnection = async (): Promise<boolean> => (refuse ? fail() : false)
    const a = await tcpNode()
    const b = await tcpNode({ connectionGater: { denyInboundConnection } })
    await expect(a.dial(b.getMultiaddrs())).rejects.toBeInstanceOf(Error)
    refuse = false
    b.use('/echo/1.0.0', fail)
    await expect(a.services.echo.echo(b.getMultiaddrs(), Uint8Array.of(1))).rejects.toBeInstanceOf(Error)
    b.unuse('/echo/1.0.0')
    expect((await a.services.echo.echo(b.peerId, Uint8Array.of(1))).subarray()).toEqual(Uint8Array.of(1))
    await Promise.all([a.stop(), b.stop()])
  })

  const isUsers = ({ protocol }: Stream): boolean => protocol === '/user/1'
})

describe('200 connections', () => {
  it.each(['closed', 'aborted'])(
    'are forgotten once they are %s',
    async how => {
      const [a, b] = await pair()
      const references: WeakRef<object>[] = []
      const keep = (event: CustomEvent<Connection>): void => void references.push(new WeakRef(event.detail))
      for (const node of [a, b]) node.addEventListener('connection:open', keep)
      // In a function of its own: nothing of a cycle lives on in this frame.
      const cycle = async (): Promise<void> => {
        const echoed = await a.services.echo.echo(b.getMultiaddrs(), new Uint8Array(1000))
        expect(echoed.byteLength).toBe(1000)
        const [connection] = a.getConnections()
        if (how === 'closed') await connection!.close()
        else connection!.abort(new Error('done'))
        await eventually(() => expect([a.getConnections(), b.getConnections()]).toEqual([[], []]))
      }
      for (let i = 0; i < 200; i++) await cycle()
      expect(references).toHaveLength(400)
      await turn()
      await eventually(() => {
        collectGarbage()
        // What the last cycle used may still be on the stack of a timer.
        expect(references.filter(reference => reference.deref() !== undefined).length).toBeLessThan(4)
      })
      await Promise.all([a.stop(), b.stop()])
    },
    30_000
  )
})

interface Counted {
  listenerCount(type: string): number
}
