import type {
  Libp2p,
  Libp2pEvents,
  Logger,
  Metrics,
  PeerId,
  PrivateKey,
  StreamHandler,
  TypedEventTarget
} from '@libp2p/interface'
import type * as Internal from '@libp2p/interface-internal'
import { memory } from '@weft/memory'
import type { Multiaddr } from '@weft/multiaddr'
import { noise } from '@weft/noise'
import { generateKeyPair, peerIdFromPrivateKey, privateKeyToProtobuf } from '@weft/peer-id'
import { ping } from '@weft/ping'
import { yamux } from '@weft/yamux'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Components, createLibp2p, memoryDefaults } from '../src/index.ts'

/** Options that are wrong, by the option that the error names. */
const wrong: Record<string, object> = {
  'transports[1]': { transports: [memory(), {}] },
  transports: { transports: memory() },
  'streamMuxers[1]': { streamMuxers: [yamux(), yamux()] },
  'connectionEncrypters[0]': { connectionEncrypters: [() => undefined] },
  'peerDiscovery[0]': { peerDiscovery: ['mdns'] },
  metrics: { metrics: {} },
  'services.ping': { services: { ping: {} } },
  'services.start': { services: { start: () => ({}) } },
  'services.registrar': { services: { registrar: () => ({}) } },
  'addresses.listen': { addresses: { listen: '/memory/a' } },
  'addresses.listen[1]': { addresses: { listen: ['/memory/a', '/ip4/nonsense'] } },
  'addresses.announce[0]': { addresses: { announce: ['127.0.0.1'] } },
  'addresses.maxObservedAddresses': { addresses: { maxObservedAddresses: -1 } },
  'connectionManager.dialTimeout': { connectionManager: { dialTimeout: 0 } },
  'connectionManager.maxConnections': { connectionManager: { maxConnections: '300' } },
  'connectionManager.inboundUpgradeTimeout': { connectionManager: { inboundUpgradeTimeout: Number.NaN } },
  'connectionMonitor.pingInterval': { connectionMonitor: { pingInterval: 0 } },
  'connectionMonitor.pingTimeout.maxTimeout': { connectionMonitor: { pingTimeout: { maxTimeout: 0 } } },
  'transportManager.faultTolerance': { transportManager: { faultTolerance: 2 } },
  datastore: { datastore: {} },
  'datastore ': { datastore: { get() {} } },
  connectionGater: { connectionGater: () => {} },
  'connectionGater.denyDailPeer': { connectionGater: { denyDailPeer: () => true } },
  peerStore: { peerStore: null },
  'peerStore.maxAddressAge': { peerStore: { maxAddressAge: '1h' } },
  'transports[0]': { transports: [memory] },
  'transports[1] ': { transports: [memory(), () => ({})] },
  'connectionEncrypters[0] ': { connectionEncrypters: [noise] },
  'streamMuxers[0]': { streamMuxers: [yamux] },
  'streamMuxers[0] ': { streamMuxers: [undefined] },
  'services.ping ': { services: { ping } },
  // As js-libp2p's factories of factories do it.
  'transports[0] ': { transports: [() => () => ({})] },
  services: { services: [] },
  transport: { transport: [] },
  'connectionManager.maxConnection': { connectionManager: { maxConnection: 5 } },
  'connectionManager.minConnections': { connectionManager: { minConnections: 5 } },
  peerId: { peerId: {} },
  connectionEncryption: { connectionEncryption: [] },
  pubsub: { pubsub: () => ({}) },
  dht: { dht: () => ({}) },
  start: { start: 'no' }
}

const aKey = await generateKeyPair('Ed25519')

/** What users take for a private key. */
const noKeys: Record<string, unknown> = {
  'a PeerId': peerIdFromPrivateKey(aKey),
  'a public key': aKey.publicKey,
  'a Uint8Array': privateKeyToProtobuf(aKey),
  'a text': 'CAESQ',
  'a promise': Promise.resolve(aKey),
  'an object': {}
}

describe('options', () => {
  it.each(Object.entries(wrong))('name %s where it is wrong', async (key, options) => {
    const option = key.trim()
    const made = createLibp2p({ ...memoryDefaults(), start: false, ...options })
    await expect(made).rejects.toMatchObject({ name: 'InvalidParametersError', option })
    await expect(made).rejects.toThrow(option)
  })

  it.each(Object.entries(noKeys))('refuse %s as a private key, and do not show it', async (_, privateKey) => {
    const made = createLibp2p({ privateKey: privateKey as PrivateKey, start: false })
    await expect(made).rejects.toMatchObject({ name: 'InvalidParametersError', option: 'privateKey' })
    await expect(made).rejects.toThrow(/^privateKey must be a private key/)
    await expect(made).rejects.not.toThrow('CAESQ')
  })

  it('of earlier versions of js-libp2p are refused with what replaced them', async () => {
    const old = (options: object) => createLibp2p({ ...options, start: false })
    await expect(old({ connectionEncryption: [] })).rejects.toThrow('use connectionEncrypters')
    await expect(old({ peerId: {} })).rejects.toThrow('use privateKey')
    await expect(old({ pubsub: {} })).rejects.toThrow('use services: { pubsub: gossipsub() }, of @libp2p/gossipsub')
    await expect(old({ dht: {} })).rejects.toThrow('use services: { dht: kadDHT() }')
    await expect(old({ connectionManager: { autoDial: true } })).rejects.toThrow('connectionManager.autoDial')
  })

  it('that belong to others are accepted and logged once, as are those without an equivalent', async () => {
    const lines: string[] = []
    const log = (name: string): Logger =>
      Object.assign(
        (_: unknown, ...args: unknown[]) => {
          if (name.startsWith('libp2p:options')) lines.push([name, ...args].join(' '))
        },
        { enabled: true, error() {}, trace() {}, newScope: (scope: string) => log(`${name}:${scope}`) }
      )
    const passedOn = {
      keychain: { pass: 'a word' },
      config: undefined,
      connectionMonitor: { pingTimeout: { metricName: 'a' } }
    }
    const options = { ...memoryDefaults(), ...passedOn, logger: { forComponent: log }, start: false }
    const withOther = yamux({ streamOptions: { initialStreamWindowSize: 1 } } as object)
    await createLibp2p({ ...options, streamMuxers: [withOther] } as object)
    expect(lines.toSorted()).toEqual([
      'libp2p:options createLibp2p connectionMonitor.pingTimeout.metricName',
      'libp2p:options yamux streamOptions.initialStreamWindowSize',
      'libp2p:options:warn createLibp2p keychain'
    ])
  })

  it('of calls may have any name: services pass their own on', async () => {
    const a = await createLibp2p(memoryDefaults())
    const b = await createLibp2p({ ...memoryDefaults(), addresses: { listen: ['/memory/calls'] } })
    const more = { signall: 1, timeot: 2, maxInboundStream: 3 } as object
    await b.handle('/calls', stream => void stream.close(), more)
    const connection = await a.dial(b.getMultiaddrs(), more)
    await connection.newStream('/calls', more)
    await a.dialProtocol(b.peerId, '/calls', more)
    await Promise.all([a.stop(), b.stop()])
  })

  it('may be left out, all of them', async () => {
    const node = await createLibp2p()
    expect([node.status, node.getMultiaddrs(), node.getProtocols()]).toEqual(['started', [], []])
    await node.stop()
  })

  it('are not changed', async () => {
    const options = { start: false }
    await createLibp2p(options)
    expect(options).toEqual({ start: false })
  })

  it('name a service whose dependency is missing', async () => {
    const dependent = { [Symbol.for('@libp2p/service-dependencies')]: ['@libp2p/identify'] }
    const services = { dependent: () => dependent }
    await expect(createLibp2p({ services, start: false })).rejects.toMatchObject({
      name: 'UnmetServiceDependenciesError',
      capability: '@libp2p/identify'
    })
  })

  it('name the addresses that no transport listens on', async () => {
    const addresses = { listen: ['/memory/options', '/ip4/127.0.0.1/tcp/0'] }
    const made = createLibp2p({ ...memoryDefaults(), addresses })
    await expect(made).rejects.toMatchObject({ name: 'UnsupportedListenAddressesError' })
    await expect(made).rejects.toThrow('/ip4/127.0.0.1/tcp/0')
    // The listener that was open is closed again.
    const again = await createLibp2p({ ...memoryDefaults(), addresses: { listen: ['/memory/options'] } })
    await again.stop()
    const tolerant = await createLibp2p({ ...memoryDefaults(), addresses, transportManager: { faultTolerance: 1 } })
    expect(tolerant.getMultiaddrs()).toHaveLength(1)
    await tolerant.stop()
  })

  it('leave out a service whose factory makes nothing, as js-libp2p does', async () => {
    const node = await createLibp2p({ services: { nothing: () => undefined }, start: false })
    expect(node.services).toEqual({})
  })
})

describe('multiaddrs as text', () => {
  it('are taken at run time where one is: in dial, dialProtocol, isDialable, hangUp and entries of listen', async () => {
    const a = await createLibp2p(memoryDefaults())
    const b = await createLibp2p({ ...memoryDefaults(), addresses: { listen: ['/memory/text'] } })
    const text = b.getMultiaddrs()[0]!.toString() as unknown as Multiaddr
    expect(await a.isDialable(text)).toBe(true)
    const connection = await a.dial(text)
    expect(connection.remotePeer.toString()).toBe(b.peerId.toString())
    expect(await a.dial([text])).toBe(connection)
    await a.hangUp(text)
    expect(a.getConnections()).toEqual([])
    await a.services.ping.ping(text)
    await Promise.all([a.stop(), b.stop()])
  })

  it.each([
    ['a text that is none', '127.0.0.1:4001', 'InvalidMultiaddrError'],
    ['a peer id as text', '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq', 'InvalidMultiaddrError'],
    ['a number', 4001, 'InvalidMultiaddrError'],
    ['nothing', undefined, 'InvalidMultiaddrError']
  ])('are refused by a typed error where %s is dialed', async (_, target, name) => {
    const node = await createLibp2p(memoryDefaults())
    await expect(node.dial(target as unknown as Multiaddr)).rejects.toMatchObject({ name })
    await expect(node.hangUp(target as unknown as Multiaddr)).rejects.toMatchObject({
      name: typeof target === 'string' ? 'InvalidMultiaddrError' : 'InvalidParametersError'
    })
    await node.stop()
  })
})

describe('protocols', () => {
  it.each([
    ['an empty one', ''],
    ['one of two lines', '/a\n/b'],
    ['nothing', undefined],
    ['one of 1,024 bytes', `/${'a'.repeat(1023)}`]
  ])('are refused where %s is handled or asked for, and none of a list is handled', async (_, protocol) => {
    const node = await createLibp2p({ ...memoryDefaults(), addresses: { listen: ['/memory/protocols'] } })
    const { registrar } = (node as unknown as { components: Components }).components
    const before = node.getProtocols()
    const refused = { name: 'InvalidParametersError', option: 'protocol' }
    await expect(node.handle(protocol as string, () => {})).rejects.toMatchObject(refused)
    await expect(node.handle(['/fine', protocol as string], () => {})).rejects.toMatchObject(refused)
    await expect(registrar.handle(protocol as string, () => {})).rejects.toMatchObject(refused)
    await expect(node.dialProtocol(node.getMultiaddrs(), protocol as string)).rejects.toMatchObject(refused)
    expect(node.getProtocols()).toEqual(before)
    await node.stop()
  })

  it('are refused with a handler that is no function', async () => {
    const node = await createLibp2p({ start: false })
    await expect(node.handle('/a', {} as StreamHandler)).rejects.toMatchObject({ option: 'handler' })
  })
})

/** What services of js-libp2p ask for. */
interface ForeignComponents {
  peerId: PeerId
  events: TypedEventTarget<Libp2pEvents>
  connectionManager: Internal.ConnectionManager
  registrar: Internal.Registrar
  addressManager: Internal.AddressManager
  transportManager: Internal.TransportManager
  randomWalk: Internal.RandomWalk
  metrics?: Metrics
  ping: { ping(): void }
}

describe('types', () => {
  it('let services of js-libp2p in', async () => {
    const foreign = () => (components: ForeignComponents) => ({ id: components.peerId.toString() })
    const ping = () => ({ ping() {} })
    const node = await createLibp2p({ services: { ping, foreign: foreign() }, start: false })
    // @ts-expect-error -- the service that it needs by name is not there
    await createLibp2p({ services: { foreign: foreign() }, start: false })
    expect(node.services.foreign.id).toBe(node.peerId.toString())
    expectTypeOf(node).toExtend<Libp2p>()
  })
})
