import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { createLibp2p, isLibp2p, memoryDefaults } from '../src/index.ts'
import { makeNode } from './nodes.ts'

const until = vi.waitFor

describe('a node', () => {
  it('dials, opens streams and hangs up', async () => {
    const [a, b] = await Promise.all([makeNode(), makeNode()])
    await b.handle(['/upper/1', '/upper/2'], async stream => {
      for await (const chunk of stream) stream.send(chunk)
      await stream.close()
    })
    const stream = await a.dialProtocol(b.getMultiaddrs(), ['/none', '/upper/2'])
    expect(stream.protocol).toBe('/upper/2')
    stream.send(Uint8Array.of(1, 2, 3))
    await stream.close()
    const got: number[] = []
    for await (const chunk of stream) got.push(...chunk.subarray())
    expect(got).toEqual([1, 2, 3])
    expect(a.getPeers().map(String)).toEqual([b.peerId.toString()])
    expect(await a.dial(b.peerId)).toBe(a.getConnections(b.peerId)[0])
    expect(a.getDialQueue()).toEqual([])
    await a.hangUp(multiaddr(`/p2p/${b.peerId.toString()}`))
    expect(a.getConnections()).toEqual([])
    await b.unhandle(['/upper/1', '/upper/2'])
    expect(b.getProtocols()).not.toContain('/upper/1')
    await expect(a.hangUp(multiaddr('/memory/a'))).rejects.toMatchObject({ name: 'InvalidParametersError' })
    await expect(a.dialProtocol(b.peerId, [])).rejects.toMatchObject({ name: 'InvalidParametersError' })
  })

  it('has what js-libp2p’s nodes have', async () => {
    const node = await makeNode()
    expect(isLibp2p(node)).toBe(true)
    expect([isLibp2p(undefined), isLibp2p({}), isLibp2p('node')]).toEqual([false, false, false])
    expect(node.getMultiaddrs().map(String)).toEqual([
      expect.stringMatching(new RegExp(`^/memory/.*/p2p/${node.peerId.toString()}$`))
    ])
    expect(node.status).toBe('started')
    const { components } = node as unknown as { components: Record<string, unknown> }
    expect(Object.keys(components['components'] as object)).toEqual(
      expect.arrayContaining([
        ...['peerId', 'privateKey', 'nodeInfo', 'logger', 'events', 'datastore', 'connectionGater', 'peerStore'],
        ...['upgrader', 'transportManager', 'connectionManager', 'connectionMonitor', 'registrar', 'addressManager'],
        ...['peerRouting', 'contentRouting', 'randomWalk', 'identify', 'ping'],
        ...['connection-encryption-0', 'stream-muxers-0', 'transport-0']
      ])
    )
    expect(components['nodeInfo']).toMatchObject({ name: 'weft', userAgent: expect.stringMatching(/^weft\/\d/) })
    expect(() => components['missing']).toThrow(expect.objectContaining({ name: 'MissingServiceError' }))
  })

  it('tells of connections in order, on the node and to its parts', async () => {
    const [a, b] = await Promise.all([makeNode(), makeNode()])
    const seen: string[] = []
    for (const type of ['peer:connect', 'connection:open', 'connection:close', 'peer:disconnect'] as const) {
      a.addEventListener(type, () => seen.push(type))
    }
    const identified = new Promise<IdentifyResult>(resolve =>
      a.addEventListener('peer:identify', event => resolve(event.detail))
    )
    const discovered = new Promise<PeerId>(resolve =>
      a.addEventListener('peer:discovery', event => resolve(event.detail.id))
    )
    await a.dial(b.getMultiaddrs())
    expect((await identified).agentVersion).toMatch(/^weft\//)
    expect(await discovered).toEqual(b.peerId)
    await b.stop()
    await until(() => expect(seen).toHaveLength(4))
    expect(seen.slice(0, 2)).toEqual(['peer:connect', 'connection:open'])
  })

  it('survives a listener that throws', async () => {
    const [a, b] = await Promise.all([makeNode(), makeNode()])
    a.addEventListener('peer:connect', () => {
      throw new Error('listener')
    })
    await a.dial(b.getMultiaddrs())
    expect(a.getConnections()).toHaveLength(1)
  })

  it('registers topologies and middleware', async () => {
    const [a, b] = await Promise.all([makeNode(), makeNode()])
    const onConnect = vi.fn()
    const id = await a.register('/test/1', { onConnect })
    const middleware = vi.fn((stream, connection, next) => next(stream, connection))
    b.use('/test/1', middleware)
    await b.handle('/test/1', stream => stream.close())
    await a.dial(b.getMultiaddrs())
    await until(() => expect(onConnect).toHaveBeenCalledTimes(1))
    const stream = await a.dialProtocol(b.peerId, '/test/1')
    for await (const _ of stream);
    await stream.close()
    expect(middleware).toHaveBeenCalledTimes(1)
    b.unuse('/test/1')
    a.unregister(id)
  })

  it('knows what it could dial', async () => {
    const node = await makeNode()
    expect(await node.isDialable(multiaddr('/memory/a'))).toBe(true)
    expect(await node.isDialable(multiaddr('/ip4/1.2.3.4/tcp/1'))).toBe(false)
  })

  it('finds public keys in ids, the peer store and content routing', async () => {
    const rsa = await generateKeyPair('RSA', 2048)
    const peer = peerIdFromPrivateKey(rsa)
    const bare = { ...peer, publicKey: undefined, equals: peer.equals.bind(peer), toString: () => peer.toString() }
    const toMultihash = peer.toMultihash.bind(peer)
    const unknown = Object.assign(Object.create(Object.getPrototypeOf(peer)), bare, { toMultihash }) as PeerId
    const other = await generateKeyPair('Ed25519')
    const get = vi.fn(async () => other.publicKey.raw)
    const router = { get } as never
    const node = await makeNode({ contentRouters: [() => router] })
    expect(await node.getPublicKey(node.peerId)).toEqual(node.peerId.publicKey)
    await expect(node.getPublicKey(unknown)).rejects.toBeInstanceOf(Error)
    expect(get).toHaveBeenCalledTimes(1)
    await node.peerStore.merge(peer, { publicKey: rsa.publicKey })
    expect((await node.getPublicKey(unknown)).equals(rsa.publicKey)).toBe(true)
  })
})

describe('start and stop', () => {
  it('can be repeated, and called at the same time', async () => {
    const node = await makeNode({ start: false })
    const seen: string[] = []
    for (const type of ['start', 'stop'] as const) node.addEventListener(type, () => seen.push(type))
    expect([node.status, node.getMultiaddrs()]).toEqual(['stopped', []])
    const starts = [node.start(), node.start()]
    expect(node.status).toBe('starting')
    const stop = node.stop()
    await Promise.all([...starts, stop])
    expect([node.status, node.getMultiaddrs()]).toEqual(['stopped', []])
    await node.stop()
    await node.start()
    expect(node.getMultiaddrs()).toHaveLength(1)
    const other = await makeNode()
    await other.dial(node.getMultiaddrs())
    await (node as unknown as AsyncDisposable)[Symbol.asyncDispose]()
    expect(seen).toEqual(['start', 'stop', 'start', 'stop'])
  })

  it('stops what was started when the start fails', async () => {
    const service = { start: vi.fn(), stop: vi.fn(), afterStart: () => Promise.reject(new Error('no')) }
    const node = (await createLibp2p({
      ...memoryDefaults(),
      services: { service: () => service },
      start: false
    })) as unknown as Libp2p
    await expect(node.start()).rejects.toThrow('no')
    expect(service.stop).toHaveBeenCalledTimes(1)
    expect(node.status).toBe('stopped')
  })
})

describe('discovery and routing', () => {
  it('stores what a discovery finds and tells of new peers, not of itself', async () => {
    const found = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const listeners: Array<(event: unknown) => void> = []
    const discovery = {
      addEventListener: (_type: string, listener: (event: unknown) => void) => void listeners.push(listener)
    }
    const node = await makeNode({ peerDiscovery: [() => discovery as never] })
    const seen = vi.fn()
    node.addEventListener('peer:discovery', event => seen(event.detail.id.toString()))
    const multiaddrs = [multiaddr('/memory/found')]
    for (const id of [node.peerId, found, found]) listeners[0]!({ detail: { id, multiaddrs } })
    await until(() => expect(seen).toHaveBeenCalledTimes(1))
    expect(seen).toHaveBeenCalledWith(found.toString())
    expect((await node.peerStore.get(found)).addresses.map(({ multiaddr: ma }) => ma.toString())).toEqual([
      '/memory/found'
    ])
  })

  it('asks services that are routers', async () => {
    const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const answer = { id: peer, multiaddrs: [] }
    const service = {
      [Symbol.for('@libp2p/peer-routing')]: { findPeer: async () => answer },
      [Symbol.for('@libp2p/content-routing')]: { get: async () => Uint8Array.of(7) }
    }
    const node = await createLibp2p({ ...memoryDefaults(), services: { service: () => service } })
    expect(await node.peerRouting.findPeer(peer)).toBe(answer)
    expect(await node.contentRouting.get(Uint8Array.of(1))).toEqual(Uint8Array.of(7))
    expect(node.services.service).toBe(service)
    await node.stop()
  })
})
