import type { Connection, Libp2pEvents, MultiaddrConnection, Stream, Topology } from '@libp2p/interface'
import { concat, encodeLengthPrefixed, fromUtf8, toUtf8 } from '@weft/bytes'
import { EventEmitter } from '@weft/events'
import { collect, ended, messageStreamPair, settled, until } from '@weft/interface-connection/compliance'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { yamux } from '@weft/yamux'
import { describe, expect, it, vi } from 'vitest'
import { DefaultConnectionManager } from '../connection-manager/connection-manager.ts'
import { defaultLogger } from '../logger.ts'
import { DefaultRegistrar } from '../registrar.ts'
import { DefaultUpgrader, type UpgraderInit } from './upgrader.ts'

interface TestNode {
  peerId: ReturnType<typeof peerIdFromPrivateKey>
  events: EventEmitter<Libp2pEvents>
  registrar: DefaultRegistrar
  upgrader: DefaultUpgrader
  connectionManager: DefaultConnectionManager
  merged: unknown[]
}

async function testNode(init: Partial<UpgraderInit> = {}, gater: object = {}): Promise<TestNode> {
  const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const merged: unknown[] = []
  const components = {
    peerId,
    events: new EventEmitter<Libp2pEvents>(),
    logger: defaultLogger(),
    connectionGater: gater,
    merged,
    peerStore: {
      merge: async (_peer: unknown, data: unknown) => void merged.push(data),
      patch: async () => {},
      get: async () => ({ protocols: ['/echo/1.0.0'], tags: new Map(), addresses: [] })
    },
    peerRouting: {},
    transportManager: { dialTransportForMultiaddr: () => undefined, getAddrs: () => [] }
  } as never as TestNode & { components: never }
  components.registrar = new DefaultRegistrar(components as never)
  components.connectionManager = new DefaultConnectionManager(components as never)
  components.connectionManager.start()
  components.upgrader = new DefaultUpgrader(components as never, {
    connectionEncrypters: [],
    streamMuxers: [yamux()()],
    ...init
  })
  return components
}

/** Two nodes that are connected by an in-process stream, without encryption. */
async function connect(a: TestNode, b: TestNode): Promise<[Connection, Connection]> {
  const [near, far] = messageStreamPair()
  const accepted = new Promise<Connection>(resolve =>
    b.events.addEventListener('connection:open', event => resolve(event.detail), { once: true })
  )
  const signal = new AbortController().signal
  const muxerFactory = yamux()()
  const [dialed] = await Promise.all([
    a.upgrader.upgradeOutbound(near, { skipEncryption: true, remotePeer: b.peerId, muxerFactory, signal }),
    b.upgrader.upgradeInbound(far, { skipEncryption: true, remotePeer: a.peerId, muxerFactory, signal })
  ])
  return [dialed, await accepted]
}

const hello = Uint8Array.from([1, 2, 3])

async function echo(stream: Stream): Promise<void> {
  for await (const list of stream) stream.send(list)
  await stream.close()
}

describe('upgrade and streams', () => {
  it('opens a stream, runs its handler and carries data', async () => {
    const [a, b] = [await testNode(), await testNode()]
    await b.registrar.handle('/echo/1.0.0', echo)
    const [dialed, accepted] = await connect(a, b)
    expect([dialed.direction, accepted.direction]).toEqual(['outbound', 'inbound'])
    expect(dialed).toMatchObject({ status: 'open', multiplexer: '/yamux/1.0.0', encryption: 'native', direct: true })
    expect(dialed.remoteAddr.toString()).toBe(`/memory/pair/p2p/${b.peerId.toString()}`)
    for (let i = 0; i < 3; i++) {
      const stream = await dialed.newStream('/echo/1.0.0')
      expect(stream.protocol).toBe('/echo/1.0.0')
      stream.send(hello)
      await stream.close()
      expect([...(await collect(stream))]).toEqual([1, 2, 3])
    }
    expect(dialed.streams).toEqual([])
    // stored once by each side, though there were three streams
    expect(a.merged).toEqual([{ protocols: ['/echo/1.0.0'] }])
  })

  it('takes the first protocol that the remote has', async () => {
    const [a, b] = [await testNode(), await testNode()]
    await b.registrar.handle(['/b'][0]!, echo)
    const [dialed] = await connect(a, b)
    const stream = await dialed.newStream(['/a', '/b'])
    expect(stream.protocol).toBe('/b')
    await expect(dialed.newStream(['/a', '/c'])).rejects.toMatchObject({ name: 'UnsupportedProtocolError' })
    await settled()
    expect(dialed.streams.length).toBe(1)
    dialed.abort(new Error('done'))
  })

  it('gives a stream out at once when the peer is known to speak the protocol, and aborts it if it no longer does', async () => {
    const [a, b] = [await testNode(), await testNode()]
    await b.registrar.handle('/echo/1.0.0', echo)
    const [dialed] = await connect(a, b)
    a.events.safeDispatchEvent('peer:identify', {
      detail: { peerId: b.peerId, protocols: ['/echo/1.0.0', '/gone'], connection: dialed } as never
    })
    const stream = await dialed.newStream('/echo/1.0.0')
    stream.send(hello)
    await stream.close()
    expect([...(await collect(stream))]).toEqual([1, 2, 3])
    const refused = await dialed.newStream('/gone')
    refused.send(hello)
    expect((await ended(refused)).error).toMatchObject({ name: 'UnsupportedProtocolError' })
    await expect(dialed.newStream('/gone')).rejects.toMatchObject({ name: 'UnsupportedProtocolError' })
  })

  it('does not take a remote that opens a stream of a protocol for one that serves it', async () => {
    const [a, b] = [await testNode(), await testNode()]
    await b.registrar.handle('/echo/1.0.0', echo)
    const [dialed, accepted] = await connect(a, b)
    b.merged.length = 0
    const stream = await dialed.newStream('/echo/1.0.0')
    stream.send(hello)
    await stream.close()
    await collect(stream)
    expect(b.merged).toEqual([])
    // The other way it is asked first, and refused: nothing is given out before the answer.
    await expect(accepted.newStream('/echo/1.0.0')).rejects.toMatchObject({ name: 'UnsupportedProtocolError' })
  })

  it('forgets a protocol that the remote refuses, in the peer store too', async () => {
    const [a, b] = [await testNode(), await testNode()]
    const patched: unknown[] = []
    const peerStore = (a as never as { peerStore: Record<string, unknown> }).peerStore
    peerStore['patch'] = async (_peer: unknown, data: unknown) => void patched.push(data)
    peerStore['get'] = async () => ({ protocols: ['/echo/1.0.0', '/gone', '/lost'] })
    const [dialed] = await connect(a, b)
    await expect(dialed.newStream(['/gone'])).rejects.toMatchObject({ name: 'UnsupportedProtocolError' })
    await settled()
    expect(patched).toEqual([{ protocols: ['/echo/1.0.0', '/lost'] }])
  })

  it('holds the limits of a protocol', async () => {
    const [a, b] = [await testNode(), await testNode()]
    await b.registrar.handle('/p', () => {}, { maxInboundStreams: 2 })
    await a.registrar.handle('/p', () => {}, { maxOutboundStreams: 3 })
    const [dialed, accepted] = await connect(a, b)
    const streams = [await dialed.newStream('/p'), await dialed.newStream('/p'), await dialed.newStream('/p')]
    if (streams[2]!.status === 'open') await ended(streams[2]!)
    expect(accepted.streams.length).toBe(2)
    expect(streams.map(stream => stream.status)).toEqual(['open', 'open', 'reset'])
    const third = await dialed.newStream('/p')
    await expect(dialed.newStream('/p')).rejects.toMatchObject({
      name: 'TooManyOutboundProtocolStreamsError',
      limit: 3
    })
    third.abort(new Error('done'))
    dialed.abort(new Error('done'))
  })

  it('resets a stream whose handler fails, and no more', async () => {
    const [a, b] = [await testNode(), await testNode()]
    await b.registrar.handle('/fails', async () => {
      throw new Error('handler')
    })
    await b.registrar.handle('/throws', () => {
      throw new Error('handler')
    })
    const [dialed] = await connect(a, b)
    for (const protocol of ['/fails', '/throws']) {
      const stream = await dialed.newStream(protocol)
      expect((await ended(stream)).error).toMatchObject({ name: 'StreamResetError' })
    }
    expect(dialed.status).toBe('open')
  })

  it('runs middleware in order on both sides', async () => {
    const [a, b] = [await testNode(), await testNode()]
    const calls: string[] = []
    for (const [name, node] of Object.entries({ a, b })) {
      node.registrar.use('/echo/1.0.0', [
        (stream, connection, next) => {
          calls.push(`${name} 1`)
          next(stream, connection)
        },
        async (stream, connection, next) => {
          calls.push(`${name} 2`)
          next(stream, connection)
        }
      ])
    }
    await b.registrar.handle('/echo/1.0.0', echo)
    const [dialed] = await connect(a, b)
    const stream = await dialed.newStream('/echo/1.0.0')
    stream.send(hello)
    await stream.close()
    await collect(stream)
    expect(calls.toSorted()).toEqual(['a 1', 'a 2', 'b 1', 'b 2'])
    a.registrar.use('/echo/1.0.0', [
      () => {
        throw new Error('middleware')
      }
    ])
    await expect(dialed.newStream('/echo/1.0.0')).rejects.toThrow('middleware')
  })

  it('closes on both sides, and tells of it once', async () => {
    const [a, b] = [await testNode(), await testNode()]
    const [dialed, accepted] = await connect(a, b)
    const gone = vi.fn()
    b.events.addEventListener('peer:disconnect', gone)
    await dialed.close()
    await settled()
    expect([dialed.status, accepted.status]).toEqual(['closed', 'closed'])
    expect(gone).toHaveBeenCalledTimes(1)
    expect(a.connectionManager.getConnections()).toEqual([])
    await expect(dialed.newStream('/p')).rejects.toMatchObject({ name: 'ConnectionClosedError' })
  })

  it('closes without waiting for the end of a remote with which no stream is left', async () => {
    const [near, far] = messageStreamPair()
    const node = await testNode()
    // Nobody at the far end would answer to the end.
    const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const { signal } = new AbortController()
    const muxerFactory = yamux()()
    const dialed = await node.upgrader.upgradeOutbound(near, { skipEncryption: true, remotePeer, muxerFactory, signal })
    const told = vi.fn()
    dialed.addEventListener('close', told)
    await dialed.close()
    expect([dialed.status, near.status, told.mock.calls.length]).toEqual(['closed', 'open', 1])
    expect(dialed.timeline.close).toBeTypeOf('number')
    expect(node.connectionManager.getConnections()).toEqual([])
    await far.close()
    await settled()
    expect([near.status, told.mock.calls.length]).toEqual(['closed', 1])
  })

  it('closes when the dialer has ended before the upgrade was done', async () => {
    const node = await testNode()
    const [near, far] = messageStreamPair()
    await far.close()
    await settled()
    const signal = new AbortController().signal
    const remotePeer = (await testNode()).peerId
    const closed = ended(near)
    await node.upgrader.upgradeInbound(near, { skipEncryption: true, remotePeer, muxerFactory: yamux()(), signal })
    expect((await closed).error).toBeUndefined()
    expect(node.connectionManager.getConnections()).toEqual([])
  })

  it('tells a reader that its stream was cut with the connection', async () => {
    const [a, b] = [await testNode(), await testNode()]
    let incoming: Stream | undefined
    await b.registrar.handle('/p', stream => void (incoming = stream))
    const [near, far] = messageStreamPair()
    const signal = new AbortController().signal
    const muxerFactory = yamux()()
    const [dialed] = await Promise.all([
      a.upgrader.upgradeOutbound(near, { skipEncryption: true, remotePeer: b.peerId, muxerFactory, signal }),
      b.upgrader.upgradeInbound(far, { skipEncryption: true, remotePeer: a.peerId, muxerFactory, signal })
    ])
    const stream = await dialed.newStream('/p')
    stream.send(hello)
    await settled()
    // the remote's process is gone: its side of the connection ends without a word of the muxer
    void near.close()
    await settled()
    await expect(collect(incoming!)).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('aborts an upgrade that takes too long, and gives its place back', async () => {
    const node = await testNode({ inboundUpgradeTimeout: 10, connectionEncrypters: [{ protocol: '/x' } as never] })
    const [near] = messageStreamPair()
    const signal = new AbortController().signal
    await expect(node.upgrader.upgradeInbound(near, { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(near.status).toBe('aborted')
    expect(node.connectionManager.getConnections()).toEqual([])
  })

  it('ends a handshake that brings too few bytes a second, and says so', async () => {
    vi.useFakeTimers()
    const ended = vi.fn()
    const upgrade = async (node: TestNode, signal = new AbortController().signal): Promise<MultiaddrConnection> => {
      const [near, far] = messageStreamPair()
      void node.upgrader.upgradeInbound(far, { signal }).catch(ended)
      return near
    }
    try {
      const slow = await testNode({ connectionEncrypters: [{ protocol: '/x' } as never] })
      const near = await upgrade(slow)
      // The header is 20 bytes, which is 312 ms more than it has anyhow; it is looked at in every half second.
      near.send(encodeLengthPrefixed(fromUtf8('/multistream/1.0.0\n')))
      await vi.advanceTimersByTimeAsync(3_499)
      expect([ended.mock.calls, near.status]).toEqual([[], 'open'])
      await vi.advanceTimersByTimeAsync(2)
      expect(ended.mock.calls).toMatchObject([
        [
          {
            name: 'ConnectionDeniedError',
            reason: 'slow',
            limit: 64,
            option: 'connectionManager.inboundUpgradeMinRate'
          }
        ]
      ])
      expect([near.status, slow.connectionManager.refused.slow]).toEqual(['reset', 1])
      // Ten bytes in 150 ms are fast enough, as long as the time for a handshake lasts.
      const steady = await upgrade(slow)
      const name = encodeLengthPrefixed(fromUtf8(`/multistream/1.0.0\n`))
      const lines = concat([
        name,
        ...Array.from({ length: 30 }, () => encodeLengthPrefixed(fromUtf8(`/${'y'.repeat(20)}\n`)))
      ])
      for (let i = 0; i < 600; i += 10) {
        steady.send(lines.slice(i, i + 10))
        await vi.advanceTimersByTimeAsync(150)
      }
      expect([ended.mock.calls.length, steady.status]).toEqual([1, 'open'])
      await vi.advanceTimersByTimeAsync(1_001)
      expect(ended.mock.lastCall).toMatchObject([{ name: 'TimeoutError' }])
    } finally {
      vi.useRealTimers()
    }
  })

  describe('a remote that waits until the listener has spoken', () => {
    const header = encodeLengthPrefixed(fromUtf8('/multistream/1.0.0\n'))
    const signal = new AbortController().signal

    /** A channel that changes nothing. */
    const channel = (remotePeer: TestNode['peerId']): never => {
      const secureInbound = async (connection: object): Promise<object> => ({ connection, remotePeer })
      return { protocol: '/x', secureInbound } as never
    }

    it('is greeted after a second on the connection, and on each stream at once', async () => {
      const { peerId } = await testNode()
      for (const waits of [true, false]) {
        const node = await testNode({ streamMuxers: [], connectionEncrypters: [channel(peerId)] })
        const muxerFactory = yamux()()
        const [near, far] = messageStreamPair()
        const upgraded = node.upgrader.upgradeInbound(far, { signal, muxerFactory })
        const heard: number[] = []
        const onMessage = ({ data }: { data: { subarray(): Uint8Array } }): void => void heard.push(...data.subarray())
        near.addEventListener('message', onMessage)
        if (waits) await until(() => heard.length > 0)
        near.send(concat([header, encodeLengthPrefixed(fromUtf8('/x\n'))]))
        await upgraded
        await until(() => heard.length >= header.length + 4)
        near.removeEventListener('message', onMessage)
        const stream = await muxerFactory.createStreamMuxer(near).createStream()
        const first: string[] = []
        stream.addEventListener('message', ({ data }) => first.push(toUtf8(data.subarray())))
        if (waits) await until(() => first.length > 0)
        else for (let turn = 0; turn < 3; turn++) await settled()
        expect(first).toEqual(waits ? [toUtf8(header)] : [])
        near.abort(new Error('done'))
      }
    })

    it('has no more time than others', async () => {
      vi.useFakeTimers()
      try {
        const ended: string[] = []
        for (const patient of [false, true]) {
          const node = await testNode({ connectionEncrypters: [channel((await testNode()).peerId)] })
          if (patient) {
            node.connectionManager = new DefaultConnectionManager(node as never, { inboundUpgradeMinRate: 0 })
            node.connectionManager.start()
          }
          const [near, far] = messageStreamPair()
          void node.upgrader.upgradeInbound(far, { signal }).catch((error: Error) => ended.push(error.name))
          await vi.advanceTimersByTimeAsync(patient ? 9_999 : 2_999)
          expect([ended.length, near.status]).toEqual([patient ? 1 : 0, 'open'])
          expect(near.readBufferLength).toBe(header.length)
          await vi.advanceTimersByTimeAsync(501)
          expect(near.status).toBe('reset')
        }
        expect(ended).toEqual(['ConnectionDeniedError', 'TimeoutError'])
        expect(vi.getTimerCount()).toBe(0)
      } finally {
        vi.useRealTimers()
      }
    })
  })

  it('does not hold the time of its own gater against a handshake', async () => {
    vi.useFakeTimers()
    const asked = vi.fn()
    const gater = { denyInboundEncryptedConnection: () => new Promise(resolve => asked.mockImplementation(resolve)) }
    try {
      const node = await testNode({ inboundUpgradeTimeout: 60_000 }, gater)
      const [, far] = messageStreamPair()
      const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
      const options = {
        skipEncryption: true as const,
        remotePeer,
        muxerFactory: yamux()(),
        signal: new AbortController().signal
      }
      const upgraded = node.upgrader.upgradeInbound(far, options)
      await vi.advanceTimersByTimeAsync(30_000)
      asked(false)
      await upgraded
      expect(node.connectionManager.getConnections()).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('closes a connection whose sides do not use the muxer that was agreed on', async () => {
    const channel = (remotePeer: TestNode['peerId'], streamMuxer?: ReturnType<ReturnType<typeof yamux>>): object => {
      const secure = async (connection: object): Promise<object> => ({ connection, remotePeer, streamMuxer })
      return { protocol: '/x', secureInbound: secure, secureOutbound: secure }
    }
    const [a, b] = [await testNode(), await testNode()]
    // One side takes it that Yamux was agreed on, for the other nothing was.
    a.upgrader.getConnectionEncrypters().set('/x', channel(b.peerId, yamux()()) as never)
    b.upgrader.getConnectionEncrypters().set('/x', channel(a.peerId) as never)
    const [near, far] = messageStreamPair()
    const signal = new AbortController().signal
    const inbound = b.upgrader.upgradeInbound(far, { signal })
    const dialed = await a.upgrader.upgradeOutbound(near, { signal })
    const closed = new Promise<void>(resolve => dialed.addEventListener('close', () => resolve()))
    void dialed.newStream('/p').catch(() => {})
    await expect(inbound).rejects.toMatchObject({ name: 'MuxerUnavailableError' })
    await closed
    expect([far.status, b.connectionManager.getConnections()]).toEqual(['aborted', []])
  })

  it('aborts what the gater denies and what is this node itself', async () => {
    const a = await testNode({}, { denyInboundConnection: () => true })
    const signal = new AbortController().signal
    const [near] = messageStreamPair()
    await expect(a.upgrader.upgradeInbound(near, { signal })).rejects.toMatchObject({
      name: 'ConnectionInterceptedError'
    })
    expect(near.status).toBe('aborted')
    const [other] = messageStreamPair()
    const self = a.upgrader.upgradeOutbound(other, { skipEncryption: true, remotePeer: a.peerId, signal })
    await expect(self).rejects.toMatchObject({ name: 'InvalidPeerIdError' })
  })
})

describe('registrar', () => {
  it('refuses a second handler unless forced, and forgets', async () => {
    const { registrar } = await testNode()
    await registrar.handle('/p', () => {})
    await expect(registrar.handle('/p', () => {})).rejects.toMatchObject({ name: 'DuplicateProtocolHandlerError' })
    await registrar.handle('/p', () => {}, { force: true })
    expect(registrar.getProtocols()).toEqual(['/p'])
    await registrar.unhandle('/p')
    expect(() => registrar.getHandler('/p')).toThrow(expect.objectContaining({ name: 'UnhandledProtocolError' }))
  })

  it('tells topologies of peers that speak their protocol, and of their leaving', async () => {
    const [a, b] = [await testNode(), await testNode()]
    const topology: Topology = { onConnect: vi.fn(), onDisconnect: vi.fn() }
    const id = await a.registrar.register('/echo/1.0.0', topology)
    const [dialed] = await connect(a, b)
    a.events.safeDispatchEvent('peer:identify', {
      detail: { peerId: b.peerId, protocols: ['/echo/1.0.0'], connection: dialed } as never
    })
    expect(topology.onConnect).toHaveBeenCalledWith(b.peerId, dialed)
    await dialed.close()
    await settled()
    expect(topology.onDisconnect).toHaveBeenCalledTimes(1)
    a.registrar.unregister(id)
    expect(a.registrar.getTopologies('/echo/1.0.0')).toEqual([])
  })
})

describe('connection manager', () => {
  it('names the option that is wrong', () => {
    expect(() => new DefaultConnectionManager({ logger: defaultLogger() } as never, { maxConnections: 0 })).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining('maxConnections') })
    )
  })

  it('does not dial itself, nothing, or before it was started', async () => {
    const { connectionManager, peerId } = await testNode()
    await expect(connectionManager.openConnection(peerId)).rejects.toMatchObject({ name: 'InvalidPeerIdError' })
    await expect(connectionManager.openConnection([])).rejects.toMatchObject({ name: 'NoValidAddressesError' })
    await expect(connectionManager.openConnection(multiaddr('/ip4/127.0.0.1/tcp/1'))).rejects.toMatchObject({
      name: 'NoValidAddressesError',
      skipped: [{ address: '/ip4/127.0.0.1/tcp/1', reason: 'no transport can dial it' }]
    })
    await connectionManager.stop()
    await expect(connectionManager.openConnection(peerId)).rejects.toMatchObject({ name: 'NotStartedError' })
  })

  it('prunes what is least wanted', async () => {
    const [a, b, c] = [await testNode(), await testNode(), await testNode()]
    const [first] = await connect(a, b)
    const [second] = await connect(a, c)
    await second.newStream('/p').catch(() => {})
    const pruned = new Promise<Connection[]>(resolve =>
      a.events.addEventListener('connection:prune', event => resolve(event.detail), { once: true })
    )
    const stream = b.registrar.handle('/keep', () => {}).then(() => first.newStream('/keep'))
    await stream
    a.connectionManager.setMaxConnections(1)
    expect(await pruned).toEqual([second])
    expect(a.connectionManager.getConnections()).toEqual([first])
  })
})
