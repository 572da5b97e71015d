import { componentsOfService, createComponents } from '@weft/interface-node'
import type { Connection, PeerId, Topology } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { alice, bob, fakeEvents, fakeLogger } from '../../interface-node/test/fakes.ts'
import { DefaultRegistrar, serviceOf } from './registrar.ts'

describe('the components of a service', () => {
  it('are those of the node, but for a registrar that adds the name of the service to what it handles', async () => {
    const registrar = new DefaultRegistrar({
      peerId: alice,
      peerStore: { merge: async () => ({}), patch: async () => ({}) } as never,
      events: fakeEvents(),
      logger: fakeLogger()
    })
    const node = createComponents({ registrar, peerId: alice })
    const components = componentsOfService(node, 'talk')
    const handler = (): void => {}
    await components.registrar.handle('/chat', handler, { maxInboundStreams: 3 })
    expect(registrar.getHandler('/chat')).toMatchObject({ handler, options: { maxInboundStreams: 3, service: 'talk' } })
    expect(components.registrar.getProtocols()).toEqual(['/chat'])
    expect(Object.prototype.toString.call(components.registrar)).toBe('[object @libp2p/registrar]')
    await node.registrar.handle('/own', handler)
    expect(['/chat', '/own', '/none'].map(protocol => serviceOf(registrar, protocol))).toEqual(['talk', '', ''])
    await components.registrar.unhandle('/chat')
    expect(serviceOf(registrar, '/chat')).toBe('')
    expect(components.peerId).toBe(alice)
    components['more'] = 1
    expect(node['more']).toBe(1)
  })
})

describe('topologies', () => {
  const protocol = '/chat/1.0.0'
  const open = (limits?: object): Connection => ({ status: 'open', remotePeer: bob, limits }) as never

  function setup() {
    const events = fakeEvents()
    const logger = fakeLogger()
    // The peer store has forgotten every peer.
    const gone = async (): Promise<never> => {
      throw new Error('not in the store')
    }
    const peerStore = { merge: gone, patch: gone, get: gone } as never
    const registrar = new DefaultRegistrar({ peerId: alice, peerStore, events, logger })
    const told: string[] = []
    const listen = (name: string, more: Partial<Topology> = {}, of = protocol): Promise<string> =>
      registrar.register(of, {
        onConnect: () => void told.push(`${name} connect`),
        onDisconnect: () => void told.push(`${name} disconnect`),
        ...more
      })
    const identified = (connection: Connection, protocols = [protocol]): void => {
      events.safeDispatchEvent('peer:identify', { detail: { peerId: bob, protocols, connection } as never })
    }
    const left = (): void => void events.safeDispatchEvent('peer:disconnect', { detail: bob })
    return { registrar, events, logger, told, listen, identified, left }
  }

  function filter() {
    const set = new Set<string>()
    return {
      has: (peer: PeerId) => set.has(peer.toString()),
      add: (peer: PeerId) => void set.add(peer.toString()),
      remove: (peer: PeerId) => void set.delete(peer.toString())
    } as NonNullable<Topology['filter']>
  }

  it('are told of the end of a peer that the peer store has forgotten, and again when it comes back', async () => {
    for (const more of [{}, { filter: filter() }]) {
      const { told, listen, identified, left } = setup()
      await listen('a', more)
      identified(open())
      left()
      identified(open())
      expect(told).toEqual(['a connect', 'a disconnect', 'a connect'])
    }
  })

  it('are not told of the end of a connection that they were not told of', async () => {
    const { told, listen, identified, left } = setup()
    await listen('unlimited')
    await listen('filtered', { filter: filter() })
    await listen('any', { notifyOnLimitedConnection: true })
    identified(open({ seconds: 60 }))
    left()
    expect(told).toEqual(['any connect', 'any disconnect'])
    // One that is identified when it has gone is not told of at all.
    identified({ ...open(), status: 'closed' } as never)
    left()
    expect(told.length).toBe(2)
  })

  it('are told each on its own: one that waits, throws or rejects holds up no other', async () => {
    const { told, listen, identified, logger } = setup()
    await listen('waits', { onConnect: () => new Promise(() => {}) })
    await listen('throws', {
      onConnect() {
        throw new Error('user')
      }
    })
    await listen('rejects', { onConnect: async () => Promise.reject(new Error('user')) })
    await listen('same')
    await listen('other', {}, '/other/1.0.0')
    identified(open(), [protocol, '/other/1.0.0'])
    expect(told).toEqual(['same connect', 'other connect'])
    await new Promise(resolve => setTimeout(resolve, 0))
    expect(logger.errors.length).toBe(2)
  })

  it('are told of a peer that no longer speaks their protocol, by identify and by the peer store', async () => {
    const { told, listen, identified, events } = setup()
    await listen('a')
    identified(open())
    identified(open(), ['/other/1.0.0'])
    expect(told).toEqual(['a connect', 'a disconnect'])
    identified(open())
    events.safeDispatchEvent('peer:update', { detail: { peer: { id: bob, protocols: [] } } as never })
    expect(told).toEqual(['a connect', 'a disconnect', 'a connect', 'a disconnect'])
  })

  it('are told once of a connection, however often its peer is identified, and of a second one', async () => {
    const { told, listen, identified } = setup()
    await listen('a')
    const first = open()
    identified(first)
    identified(first)
    expect(told).toEqual(['a connect'])
    identified(open())
    expect(told).toEqual(['a connect', 'a connect'])
  })

  it('are told nothing more once they have left', async () => {
    const { registrar, told, listen, identified, left } = setup()
    const id = await listen('a')
    identified(open())
    registrar.unregister(id)
    left()
    expect(told).toEqual(['a connect'])
  })

  it('and handlers work although nothing can be stored: it is logged and told', async () => {
    const { registrar, events, logger } = setup()
    const told: unknown[] = []
    events.addEventListener('peer-store:error' as never, ((event: CustomEvent) => told.push(event.detail)) as never)
    await registrar.handle('/x', () => {})
    expect(registrar.getProtocols()).toEqual(['/x'])
    await registrar.unhandle('/x')
    expect(registrar.getProtocols()).toEqual([])
    expect([logger.errors.length, told.length]).toEqual([2, 2])
    await expect(registrar.handle('/y', () => {}, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow()
  })
})
