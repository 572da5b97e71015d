import type { Connection, Stream } from '@libp2p/interface'
import { concat, encodeLengthPrefixed, encodeVarint, fromUtf8, toUtf8 } from '@weft/bytes'
import { setResourceScope } from '@weft/interface-connection'
import { collect, ended, eventsOnly, settled } from '@weft/interface-connection/compliance'
import { multiaddr } from '@weft/multiaddr'
import { publicKeyToProtobuf } from '@weft/peer-id'
import { openPeerRecord, PeerRecord, RecordEnvelope } from '@weft/peer-info'
import { type ConnectionScope, ResourceManager, type StreamScope } from '@weft/resources'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type IdentifyMessage, identifyMessage } from '../src/core/message.ts'
import { type Identify, type IdentifyInit, type IdentifyPush, identify, identifyPush } from '../src/index.ts'
import { maxAnswerAge } from '../src/own-answer.ts'
import { connect, FakeNode, streamPair } from './fake-node.ts'

type Running<T> = T & { start(): Promise<void>; stop(): Promise<void> }

const protocol = '/ipfs/id/1.0.0'
const pushProtocol = '/ipfs/id/push/1.0.0'

let a: FakeNode
let b: FakeNode
let toB: Connection
let toA: Connection

beforeEach(async () => {
  a = await FakeNode.create('agent a')
  b = await FakeNode.create('agent b')
  ;[toB, toA] = connect(a, b)
})

async function start(node: FakeNode, init: IdentifyInit = {}): Promise<Running<Identify>> {
  const service = identify(init)(node.components) as Running<Identify>
  await service.start()
  return service
}

/** Lets `b` answer with these bytes, framed or not. */
function answer(...chunks: Uint8Array[]): void {
  b.handlers.set(protocol, async stream => {
    stream.send(concat(chunks))
    await stream.close()
  })
}

function framed(message: Partial<IdentifyMessage>): Uint8Array {
  const publicKey = publicKeyToProtobuf(b.components.privateKey.publicKey)
  return encodeLengthPrefixed(identifyMessage.encode({ publicKey, listenAddrs: [], protocols: [], ...message }))
}

async function recordOf(node: FakeNode, seq: number, ...addresses: string[]): Promise<Uint8Array> {
  const { peerId, privateKey } = node.components
  const multiaddrs = addresses.map(text => multiaddr(text))
  return (
    await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs, seqNumber: BigInt(seq) }), privateKey)
  ).marshal()
}

describe('identify', () => {
  it('tells each side about the other', async () => {
    b.addresses = [multiaddr(`/ip4/1.1.1.1/udp/4001/quic-v1/p2p/${b.components.peerId.toString()}`)]
    b.protocols = ['/ipfs/id/1.0.0', '/echo/1.0.0']
    const service = await start(a)
    await start(b)
    const result = await service.identify(toB)
    expect(result).toMatchObject({
      agentVersion: 'agent b',
      protocolVersion: 'ipfs/0.1.0',
      protocols: ['/ipfs/id/1.0.0', '/echo/1.0.0'],
      connection: toB
    })
    expect(result.listenAddrs.join()).toBe('/ip4/1.1.1.1/udp/4001/quic-v1')
    expect(result.signedPeerRecord?.addresses.join()).toBe('/ip4/1.1.1.1/udp/4001/quic-v1')
    expect(result.observedAddr?.toString()).toBe('/ip4/8.8.8.8/udp/4002/quic-v1')
    expect(a.identified).toEqual([result])
    expect(a.observed).toEqual(['/ip4/8.8.8.8/udp/4002/quic-v1'])

    const peer = a.peer(b)
    expect(peer.addresses.map(({ isCertified }) => isCertified)).toEqual([true])
    expect(peer.protocols).toEqual(['/ipfs/id/1.0.0', '/echo/1.0.0'])
    expect(toUtf8(peer.metadata.get('AgentVersion')!)).toBe('agent b')
    expect(toUtf8(peer.metadata.get('ProtocolVersion')!)).toBe('ipfs/0.1.0')
    expect((await openPeerRecord(peer.peerRecordEnvelope!)).peerId.equals(b.components.peerId)).toBe(true)
  })

  it('runs on new connections until it is stopped', async () => {
    const service = await start(a)
    await start(b)
    a.components.events.safeDispatchEvent('connection:open', { detail: toB })
    await expect.poll(() => a.identified.length).toBe(1)
    await service.stop()
    expect(a.handlers.size).toBe(0)
    a.components.events.safeDispatchEvent('connection:open', { detail: toB })
    await settled()
    expect(a.identified.length).toBe(1)
  })

  it('runs once for several callers', async () => {
    const service = await start(a)
    await start(b)
    const [one, two] = await Promise.all([service.identify(toB), service.identify(toB)])
    expect(one).toBe(two)
    expect(a.identified.length).toBe(1)
  })

  it('goes on for one caller when another gives up, and ends with the last', async () => {
    const service = await start(a)
    const opened: Array<{ near: Stream; far: Stream }> = []
    toB.newStream = async () => {
      const [near, far] = streamPair()
      opened.push({ near, far })
      return near
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const [one, two] = [first, second].map(({ signal }) => service.identify(toB, { signal }))
    first.abort(new Error('first'))
    await expect(one).rejects.toThrow('first')
    opened[0]!.far.send(framed({ agentVersion: 'late' }))
    void opened[0]!.far.close()
    expect(await two).toMatchObject({ agentVersion: 'late' })

    // The last caller takes the stream along.
    const alone = new AbortController()
    const lost = service.identify(toB, { signal: alone.signal })
    await settled()
    alone.abort(new Error('last'))
    await expect(lost).rejects.toThrow('last')
    await expect.poll(() => opened[1]!.near.status).toBe('aborted')
  })

  it('gives a caller without a signal all of its own time', async () => {
    const service = await start(a, { timeout: 1000 })
    toB.newStream = async () => streamPair()[0]
    const controller = new AbortController()
    const patient = service.identify(toB)
    const hasty = service.identify(toB, { signal: controller.signal })
    controller.abort(new Error('hasty'))
    await expect(hasty).rejects.toThrow('hasty')
    await expect(patient).rejects.toMatchObject({ name: 'TimeoutError', milliseconds: 1000 })
  })

  it('tells 300 protocols, and a peer with as many is known by all', async () => {
    b.protocols = Array.from({ length: 300 }, (_, i) => `/an-application-with-a-long-name/feature-${i}/1.0.0`)
    b.protocols.push('/ipfs/ping/1.0.0')
    const service = await start(a)
    await start(b)
    const { protocols } = await service.identify(toB)
    expect(protocols.toSorted()).toEqual(b.protocols.toSorted())
    expect(a.peer(b).protocols.length).toBe(301)
  })

  it.each([
    ['/ip4/8.8.8.8/tcp/1', ['/ip4/1.1.1.1/tcp/4001', '/dns4/example.org/tcp/4001']],
    ['/ip4/10.0.0.2/tcp/1', ['/ip4/1.1.1.1/tcp/4001', '/dns4/example.org/tcp/4001', '/ip4/192.168.1.5/tcp/4001']],
    [
      '/ip4/127.0.0.1/tcp/1',
      ['/ip4/1.1.1.1/tcp/4001', '/dns4/example.org/tcp/4001', '/ip4/192.168.1.5/tcp/4001', '/ip4/127.0.0.1/tcp/4001']
    ],
    [
      '/memory/somewhere',
      ['/ip4/1.1.1.1/tcp/4001', '/dns4/example.org/tcp/4001', '/ip4/192.168.1.5/tcp/4001', '/ip4/127.0.0.1/tcp/4001']
    ]
  ])('tells a peer at %s what it can reach, signed or not', async (seenAt, told) => {
    b.addresses = [
      '/ip4/1.1.1.1/tcp/4001',
      '/dns4/example.org/tcp/4001',
      '/ip4/192.168.1.5/tcp/4001',
      '/ip4/127.0.0.1/tcp/4001'
    ].map(text => multiaddr(text))
    const service = await start(a)
    await start(b)
    Object.assign(toA, { remoteAddr: multiaddr(seenAt) })
    const { listenAddrs, signedPeerRecord } = await service.identify(toB)
    expect(listenAddrs.map(String)).toEqual(told)
    expect(signedPeerRecord?.addresses.map(String)).toEqual(told)
  })

  it('takes an answer without a public key: the handshake has proved it', async () => {
    const service = await start(a)
    answer(encodeLengthPrefixed(identifyMessage.encode({ listenAddrs: [], protocols: ['/a/1'], agentVersion: 'old' })))
    expect(await service.identify(toB)).toMatchObject({ agentVersion: 'old', protocols: ['/a/1'] })
  })

  it('keeps what is stored where no address of a list can be read, or what is stored was signed', async () => {
    const service = await start(a)
    const certified = await recordOf(b, 5, '/ip4/1.1.1.1/tcp/1')
    answer(framed({ listenAddrs: [multiaddr('/ip4/2.2.2.2/tcp/2').bytes] }))
    await service.identify(toB)
    answer(framed({ listenAddrs: [Uint8Array.of(0xff, 0xff)] }))
    await service.identify(toB)
    expect(a.peer(b).addresses.map(({ multiaddr: address }) => address.toString())).toEqual(['/ip4/2.2.2.2/tcp/2'])
    answer(framed({ signedPeerRecord: certified }))
    await service.identify(toB)
    answer(framed({ listenAddrs: [multiaddr('/ip4/3.3.3.3/tcp/3').bytes] }))
    await service.identify(toB)
    expect(a.peer(b).addresses).toMatchObject([{ isCertified: true }])
    expect(String(a.peer(b).addresses[0]!.multiaddr)).toBe('/ip4/1.1.1.1/tcp/1')
  })

  it('tells what it heard where the peer store fails', async () => {
    const service = await start(a)
    await start(b)
    a.components.peerStore.patch = async () => {
      throw new Error('no space left')
    }
    expect(await service.identify(toB)).toMatchObject({ agentVersion: 'agent b' })
    expect(a.identified.length).toBe(1)
  })

  it('takes another prefix, agent and size', async () => {
    const service = await start(a, { protocolPrefix: 'mine', agentVersion: 'me', maxMessageSize: 20 })
    expect([...a.handlers.keys()]).toEqual(['/mine/id/1.0.0'])
    expect(toUtf8(a.peer(a).metadata.get('AgentVersion')!)).toBe('me')
    await start(b, { protocolPrefix: 'mine' })
    await expect(service.identify(toB)).rejects.toMatchObject({ name: 'InvalidMessageError' })
    expect(() => identify({ timeout: -1 })).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    const capabilities = (service as any)[Symbol.for('@libp2p/service-capabilities')]
    expect(capabilities).toEqual(['@libp2p/identify'])
  })

  it('sends at most 4 KiB, and one record for one set of addresses', async () => {
    b.addresses = Array.from({ length: 80 }, (_, i) =>
      multiaddr(`/dns4/host-number-${i}.example.org/tcp/${i + 1}/tls/ws`)
    )
    await start(b)
    const read = async (): Promise<Uint8Array> => collect(await toB.newStream(protocol))
    const bytes = await read()
    expect(bytes.byteLength).toBeLessThanOrEqual(4096 + 2)
    const message = identifyMessage.decode(bytes.subarray(2))
    expect(message.listenAddrs.length).toBeGreaterThan(20)
    const { record } = await openPeerRecord(message.signedPeerRecord!)
    expect(record.multiaddrs.length).toBe(message.listenAddrs.length)
    expect(await read()).toEqual(bytes)

    b.addresses = b.addresses.slice(0, 1)
    b.changed()
    const later = identifyMessage.decode((await read()).subarray(2))
    const newer = await openPeerRecord(later.signedPeerRecord!)
    expect(newer.record.seqNumber).toBeGreaterThan(record.seqNumber)
  })

  it('asks for its addresses anew once a second, when protocols change and when it is told of a change', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    b.addresses = [multiaddr('/ip4/1.1.1.1/tcp/1')]
    const asked = vi.spyOn(b.components.addressManager, 'getAddresses')
    const service = await start(b)
    const read = async (): Promise<string[]> => {
      const bytes = await collect(await toB.newStream(protocol))
      return identifyMessage.decode(bytes.subarray(2)).protocols
    }
    await read()
    vi.advanceTimersByTime(maxAnswerAge - 1)
    await read()
    expect(asked).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1)
    await read()
    expect(asked).toHaveBeenCalledTimes(2)
    b.protocols = ['/new/1']
    expect(await read()).toEqual(['/new/1'])
    expect(asked).toHaveBeenCalledTimes(3)
    b.changed()
    await read()
    expect(asked).toHaveBeenCalledTimes(4)
    await service.stop()
  })

  it('tells no peer an address of more than 256 bytes as its own', async () => {
    await start(b)
    const service = await start(a)
    const seen = async (host: string): Promise<string | undefined> => {
      Object.assign(toA, { remoteAddr: multiaddr(`/dns4/${host}/tcp/1`) })
      return (await service.identify(toB)).observedAddr?.toString()
    }
    expect(await seen('a'.repeat(250))).toBe(`/dns4/${'a'.repeat(250)}/tcp/1`)
    expect(await seen('a'.repeat(251))).toBeUndefined()
  })

  it('tries again after an answer that could not be made', async () => {
    const addresses = vi.spyOn(b.components.addressManager, 'getAddresses')
    addresses.mockImplementationOnce(() => {
      throw new Error('not now')
    })
    await start(b)
    const service = await start(a)
    await expect(service.identify(toB)).rejects.toThrow()
    expect(await service.identify(toB)).toMatchObject({ agentVersion: 'agent b' })
  })

  it('has no record where it has no addresses', async () => {
    await start(b)
    const service = await start(a)
    const result = await service.identify(toB)
    expect(result.signedPeerRecord).toBeUndefined()
    expect(a.peer(b).addresses).toEqual([])
  })

  it('throws away what the asking peer sends', async () => {
    await start(b)
    const stream = await toB.newStream(protocol)
    stream.send(new Uint8Array(100_000))
    expect((await collect(stream)).byteLength).toBeGreaterThan(0)
  })

  // As libp2p 0.24 does on each new connection: a reset of one of the streams would end the connection for it.
  it('answers a peer that asks several times at once', async () => {
    await start(b)
    const streams = await Promise.all(Array.from({ length: 8 }, () => toB.newStream(protocol)))
    for (const stream of streams) expect((await collect(stream)).byteLength).toBeGreaterThan(0)
    expect(b.limits.get(protocol)).toMatchObject({ maxInboundStreams: 8 })
  })

  it('lets go of a stream whose remote does not end it within the timeout', async () => {
    await start(b, { timeout: 20 })
    const stream = await toB.newStream(protocol)
    const end = ended(stream)
    expect((await collect(stream)).byteLength).toBeGreaterThan(0)
    expect(await end).toMatchObject({ error: { name: 'StreamResetError' } })
  })

  it('ends at the signal or the timeout', async () => {
    b.handlers.set(protocol, () => {})
    const service = await start(a, { timeout: 20 })
    await expect(service.identify(toB)).rejects.toMatchObject({ name: 'TimeoutError' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(service.identify(toB, { signal })).rejects.toThrow('enough')
  })

  it('rejects where the stream breaks or the protocol is not spoken', async () => {
    const service = await start(a)
    await expect(service.identify(toB)).rejects.toMatchObject({ name: 'UnsupportedProtocolError' })
    b.handlers.set(protocol, stream => stream.abort(new Error('no')))
    await expect(service.identify(toB)).rejects.toMatchObject({ name: 'StreamResetError' })
    answer()
    await expect(service.identify(toB)).rejects.toMatchObject({ name: 'InvalidMessageError' })
  })

  it('reads answers of several messages, over events too', async () => {
    const service = await start(a)
    answer(framed({ protocols: ['/a'] }), framed({ protocols: ['/b'], agentVersion: 'late' }))
    const open = toB.newStream
    toB.newStream = async (...args) => eventsOnly(await open(...args))
    expect(await service.identify(toB)).toMatchObject({ protocols: ['/a', '/b'], agentVersion: 'late' })
  })

  it('keeps of the addresses that a peer tells those that may be told over this connection', async () => {
    const service = await start(a)
    const told = ['/ip4/10.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1', '/memory/a', '/ip4/8.8.4.4/tcp/1']
    const addressesOf = async (remoteAddr: string, ...texts: string[]): Promise<string[]> => {
      Object.assign(toB, { remoteAddr: multiaddr(remoteAddr) })
      answer(framed({ listenAddrs: texts.map(text => multiaddr(text).bytes) }))
      // The event tells all that was said.
      expect((await service.identify(toB)).listenAddrs.map(String)).toEqual(texts)
      return a.peer(b).addresses.map(({ multiaddr: address }) => address.toString())
    }
    expect(await addressesOf('/ip4/9.9.9.9/tcp/1', ...told)).toEqual(told.slice(3))
    expect(await addressesOf('/ip4/192.168.1.1/tcp/1', ...told)).toEqual([told[0], told[3]])
    expect(await addressesOf('/ip4/127.0.0.1/tcp/9', ...told)).toEqual([told[0], told[1], told[3]])
    expect(await addressesOf('/memory/b', ...told)).toEqual([told[0], told[2], told[3]])
    // None that may be kept does not empty what is known.
    expect(await addressesOf('/ip4/9.9.9.9/tcp/1', ...told.slice(0, 3))).toEqual([told[0], told[2], told[3]])
  })

  it('takes only public addresses that a listener may have as observed', async () => {
    const service = await start(a)
    const sent = [
      '/ip4/10.0.0.1/udp/4001/quic-v1',
      '/ip4/8.8.8.8/tcp/4001',
      '/ip6/fd00::1/udp/4001/quic-v1',
      '/ip4/8.8.8.8/udp/1/quic-v1/p2p/12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v/p2p-circuit',
      '/memory/1',
      '/ip6/2600::1/udp/4001/quic-v1'
    ]
    for (const address of sent) {
      answer(framed({ observedAddr: multiaddr(address).bytes }))
      await service.identify(toB)
    }
    answer(framed({ observedAddr: Uint8Array.of(0xff, 0xff) }))
    expect((await service.identify(toB)).observedAddr).toBeUndefined()
    expect(a.observed).toEqual(['/ip6/2600::1/udp/4001/quic-v1'])
  })
})

describe('hostile answers', () => {
  it('keeps bounds over all messages', async () => {
    const service = await start(a)
    const address = multiaddr('/ip4/1.2.3.4/tcp/1').bytes
    const chunks = Array.from({ length: 9 }, (_, chunk) =>
      framed({
        protocols: Array.from({ length: 200 }, (_, i) => `/p/${chunk}/${i}`),
        listenAddrs: Array.from({ length: 100 }, () => address)
      })
    )
    answer(...chunks)
    await service.identify(toB)
    expect(a.peer(b).protocols.length).toBe(512)
    expect(a.peer(b).addresses.length).toBe(64)
  })

  it('stops after ten messages', async () => {
    const service = await start(a)
    let far: Stream | undefined
    b.handlers.set(protocol, stream => {
      far = stream
      stream.send(concat(Array.from({ length: 1000 }, (_, i) => framed({ protocols: [`/p/${i}`] }))))
    })
    expect((await service.identify(toB)).protocols.length).toBe(10)
    await settled()
    expect(far?.status).toBe('reset')
  })

  it('refuses a message over 8 KiB from its prefix', async () => {
    const service = await start(a)
    b.handlers.set(protocol, stream => void stream.send(encodeVarint(8193)))
    await expect(service.identify(toB)).rejects.toMatchObject({
      name: 'InvalidMessageError',
      cause: { name: 'LengthError' }
    })
  })

  it('refuses keys that are not the peer’s', async () => {
    const service = await start(a)
    const other = publicKeyToProtobuf(a.components.privateKey.publicKey)
    for (const publicKey of [other, Uint8Array.of(1), new Uint8Array()]) {
      answer(framed({ publicKey }))
      await expect(service.identify(toB)).rejects.toMatchObject({ name: 'InvalidMessageError' })
    }
    expect(a.peers.has(b.components.peerId.toString())).toBe(false)
  })

  it('refuses the record of another peer, and a forged one', async () => {
    const service = await start(a)
    const forged = await recordOf(b, 1, '/ip4/1.2.3.4/tcp/1')
    forged[forged.length - 1]! ^= 1
    for (const signedPeerRecord of [await recordOf(a, 1, '/ip4/1.2.3.4/tcp/1'), forged]) {
      answer(framed({ signedPeerRecord }))
      await expect(service.identify(toB)).rejects.toMatchObject({ name: 'InvalidMessageError' })
    }
    expect(a.identified).toEqual([])
  })

  it('keeps what is stored where no address of a signed record can be read', async () => {
    const service = await start(a)
    answer(framed({ signedPeerRecord: await recordOf(b, 1, '/ip4/1.1.1.1/tcp/1') }))
    await service.identify(toB)
    const { peerId, privateKey } = b.components
    const unknown = { bytes: Uint8Array.of(0xff, 0x7f, 1) } as never
    const newer = new PeerRecord({ peerId, multiaddrs: [unknown], seqNumber: 2n })
    answer(framed({ signedPeerRecord: (await RecordEnvelope.seal(newer, privateKey)).marshal() }))
    expect((await service.identify(toB)).signedPeerRecord?.seq).toBe(2n)
    expect(a.peer(b).addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual(['/ip4/1.1.1.1/tcp/1'])
    answer(framed({ signedPeerRecord: await recordOf(b, 3) }))
    await service.identify(toB)
    expect(a.peer(b).addresses).toEqual([])
  })

  it('leaves out a record that does not read', async () => {
    const service = await start(a)
    answer(framed({ signedPeerRecord: Uint8Array.of(1, 2, 3), listenAddrs: [multiaddr('/ip4/1.2.3.4/tcp/1').bytes] }))
    expect((await service.identify(toB)).signedPeerRecord).toBeUndefined()
    expect(a.peer(b).addresses.map(({ isCertified }) => isCertified)).toEqual([false])
  })

  it('keeps the newest record', async () => {
    const service = await start(a)
    for (const [seq, expected] of [
      [5, 5],
      [4, 5],
      [5, 5],
      [6, 6]
    ] as const) {
      answer(framed({ signedPeerRecord: await recordOf(b, seq, `/ip4/1.2.3.4/tcp/${seq}`) }))
      const { signedPeerRecord } = await service.identify(toB)
      expect(signedPeerRecord?.seq).toBe(BigInt(expected))
      expect(a.peer(b).addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual([`/ip4/1.2.3.4/tcp/${expected}`])
    }
    a.peers.set(b.components.peerId.toString(), { ...a.peer(b), peerRecordEnvelope: Uint8Array.of(9) })
    answer(framed({ signedPeerRecord: await recordOf(b, 1) }))
    expect((await service.identify(toB)).signedPeerRecord?.seq).toBe(1n)
  })

  it('writes versions to the peer store where they are new', async () => {
    const service = await start(a)
    const written = vi.spyOn(a.components.peerStore, 'merge')
    for (const [agentVersion, writes] of [
      ['one', 1],
      ['one', 1],
      ['two', 2]
    ] as const) {
      answer(framed({ agentVersion }))
      await service.identify(toB)
      expect(written).toHaveBeenCalledTimes(writes)
      expect(toUtf8(a.peer(b).metadata.get('AgentVersion')!)).toBe(agentVersion)
    }
  })

  it('keeps no text that a terminal obeys', async () => {
    const service = await start(a)
    answer(framed({ agentVersion: '\u001b[2Jx', protocols: ['/a\u0007'] }))
    expect(await service.identify(toB)).toMatchObject({ agentVersion: '[2Jx', protocols: [] })
    expect(toUtf8(a.peer(b).metadata.get('AgentVersion')!)).toBe('[2Jx')
  })
})

describe('what is collected', () => {
  const memory = (): { manager: ResourceManager; account: ConnectionScope } => {
    const manager = new ResourceManager({ resourceLimits: { stream: { memory: 3_000 } } })
    return { manager, account: manager.openConnection('outbound') }
  }

  /** `a` asks, over a stream with an account; the far end is the test's. */
  async function ask(account: ConnectionScope): Promise<{ asked: Promise<unknown>; far: Stream; scope: StreamScope }> {
    const service = await start(a)
    const [near, far] = streamPair()
    const scope = account.openStream('outbound')
    setResourceScope(near, scope)
    near.addEventListener('close', () => scope.close())
    toB.newStream = async () => near
    return { asked: service.identify(toB), far, scope }
  }

  it('is charged to the stream while it is held, and given back', async () => {
    const { manager, account } = memory()
    const { asked, far, scope } = await ask(account)
    const message = framed({ protocols: ['/a/1'] })
    far.send(message.subarray(0, 20))
    await settled()
    expect(scope.used('memory')).toBe(20)
    far.send(message.subarray(20))
    far.send(concat([message, Uint8Array.of(9, 1)]))
    await settled()
    expect(scope.used('memory')).toBe(2 * (message.byteLength - 1) + 2)
    void far.close()
    await asked
    expect(scope.used('memory')).toBe(0)
    expect(manager.refusals()).toEqual([])
  })

  it('is refused where the account has no room: the exchange fails, and the stream is reset', async () => {
    const { manager, account } = memory()
    const { asked, far, scope } = await ask(account)
    const message = framed({ protocols: ['/p/'.padEnd(1_000, 'x')] })
    far.send(concat([message, message]))
    await settled()
    far.send(message)
    await expect(asked).rejects.toMatchObject({ name: 'ResourceLimitError', option: 'resourceLimits.stream.memory' })
    await settled()
    expect(far.status).toBe('reset')
    expect(scope.used('memory')).toBe(0)
    expect(manager.refusals()).toEqual([{ scope: 'stream', resource: 'memory', count: 1 }])
    expect(a.peers.size).toBe(1)
  })
})

describe('identify push', () => {
  it('tells connected peers that speak it when something changes', async () => {
    const service = identifyPush({ debounce: 1 })(a.components) as any
    const other = identifyPush()(b.components) as any
    await service.start()
    await other.start()
    connect(a, b)
    connect(a, await FakeNode.create('unknown'))
    await a.components.peerStore.patch(b.components.peerId, { protocols: [pushProtocol] })
    a.addresses = [multiaddr('/ip4/8.8.8.8/tcp/1')]
    for (let i = 0; i < 5; i++) a.changed()
    await expect.poll(() => b.identified.length).toBe(1)
    expect(b.identified[0]).toMatchObject({ agentVersion: 'agent a', protocols: [pushProtocol] })
    expect(b.peer(a).addresses.map(({ multiaddr }) => multiaddr.toString())).toEqual(['/ip4/8.8.8.8/tcp/1'])

    a.addresses = []
    await service.push()
    await expect.poll(() => b.identified.length).toBe(2)
    expect(b.peer(a).addresses).toEqual([])
    await service.stop()
    a.changed()
    await settled()
    expect(b.identified.length).toBe(2)
    expect(service[Symbol.for('@libp2p/service-capabilities')]).toEqual(['@libp2p/identify-push'])
  })

  it('tells a connected peer that the store has forgotten', async () => {
    await (identifyPush()(b.components) as unknown as Running<object>).start()
    const service = identifyPush({ debounce: 0 })(a.components) as unknown as Running<IdentifyPush>
    await service.start()
    Object.assign(toB, { hasSaidToSpeak: (name: string) => name === pushProtocol })
    a.peers.clear()
    await service.push()
    await expect.poll(() => b.identified.length).toBe(1)
    await service.stop()
  })

  it('goes on where a peer fails', async () => {
    const service = identifyPush({ debounce: 0, timeout: 20 })(a.components) as any
    await service.start()
    await (identifyPush()(b.components) as any).start()
    const bad = await FakeNode.create('bad')
    connect(a, bad)
    for (const node of [b, bad]) {
      await a.components.peerStore.patch(node.components.peerId, { protocols: [pushProtocol] })
    }
    await service.push()
    await expect.poll(() => b.identified.length).toBe(1)
  })

  it('drops pushes over the rate without reading them', async () => {
    await (identifyPush()(a.components) as any).start()
    const message = identifyMessage.encode({ listenAddrs: [], protocols: ['/a'] })
    const streams = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const stream = await toA.newStream(pushProtocol)
        const end = ended(stream)
        stream.send(encodeLengthPrefixed(message))
        await stream.close().catch(() => {})
        return (await end).error?.name
      })
    )
    expect(streams.filter(name => name === undefined).length).toBe(10)
    expect(streams.filter(name => name === 'StreamResetError').length).toBe(90)
    expect(a.identified.length).toBe(10)
  })

  it('takes a push that says one thing as saying nothing of the rest, and none that is older', async () => {
    await (identifyPush()(a.components) as unknown as Running<object>).start()
    const push = async (message: Partial<IdentifyMessage>) => {
      const stream = await toA.newStream(pushProtocol)
      stream.send(encodeLengthPrefixed(identifyMessage.encode({ listenAddrs: [], protocols: [], ...message })))
      await stream.close()
      await expect.poll(() => stream.status).toBe('closed')
    }
    await push({ protocols: ['/a/1'], signedPeerRecord: await recordOf(b, 7, '/ip4/7.7.7.7/tcp/7') })
    await push({ agentVersion: 'b 2' })
    await push({ signedPeerRecord: await recordOf(b, 6, '/ip4/6.6.6.6/tcp/6') })
    await push({ listenAddrs: [multiaddr('/ip4/5.5.5.5/tcp/5').bytes] })
    const peer = a.peer(b)
    expect(peer.protocols).toEqual(['/a/1'])
    expect(toUtf8(peer.metadata.get('AgentVersion')!)).toBe('b 2')
    expect(peer.addresses.map(({ multiaddr: address }) => address.toString())).toEqual(['/ip4/7.7.7.7/tcp/7'])
    expect(a.identified.length).toBe(4)
  })

  it('takes no push from its own id', async () => {
    await (identifyPush()(a.components) as any).start()
    const [near, far] = streamPair()
    void a.handlers.get(pushProtocol)!(far, { ...toB, remotePeer: a.components.peerId })
    expect(await ended(near)).toMatchObject({ error: { name: 'StreamResetError' } })
    expect(a.identified).toEqual([])
  })
})

it('keeps a text of an agent whole in metadata', async () => {
  const service = await start(a)
  answer(framed({ agentVersion: 'go-libp2p/0.48 ünï' }))
  await service.identify(toB)
  expect(a.peer(b).metadata.get('AgentVersion')).toEqual(fromUtf8('go-libp2p/0.48 ünï'))
})
