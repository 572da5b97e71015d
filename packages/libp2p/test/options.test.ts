import type { Libp2p, Libp2pEvents, Metrics, PeerId, TypedEventTarget } from '@libp2p/interface'
import type * as Internal from '@libp2p/interface-internal'
import { memory } from '@weft/memory'
import { yamux } from '@weft/yamux'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createLibp2p, memoryDefaults } from '../src/index.ts'

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
  'transportManager.faultTolerance': { transportManager: { faultTolerance: 2 } }
}

describe('options', () => {
  it.each(Object.entries(wrong))('name %s where it is wrong', async (option, options) => {
    const made = createLibp2p({ ...memoryDefaults(), ...options, start: false })
    await expect(made).rejects.toMatchObject({ name: 'InvalidParametersError', option })
    await expect(made).rejects.toThrow(option)
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
