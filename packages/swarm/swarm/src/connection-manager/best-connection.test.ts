/** Which of several connections to a peer a dial gives. */
import type { Connection, Libp2pEvents } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { alice, bob, fakeLogger } from '../../../interface-node/test/fakes.ts'
import { DefaultConnectionManager } from './connection-manager.ts'

const remoteAddr = multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${bob.toString()}`)

function connection(id: string, facts: object): Connection {
  const timeline = { open: 0 }
  const common = {
    remotePeer: bob,
    remoteAddr,
    status: 'open',
    direction: 'inbound',
    direct: true,
    streams: [],
    timeline
  }
  return { id, ...common, close: async () => {}, abort() {}, ...facts } as never
}

function manage(connections: readonly Connection[]): {
  manager: DefaultConnectionManager
  dial: ReturnType<typeof vi.fn>
} {
  const events = new EventEmitter<Libp2pEvents>()
  const dial = vi.fn(async () => connection('dialed', { direction: 'outbound' }))
  const manager = new DefaultConnectionManager({
    peerId: alice,
    events,
    logger: fakeLogger(),
    connectionGater: {},
    peerRouting: { findPeer: async () => ({ multiaddrs: [] }) },
    peerStore: { get: async () => ({ addresses: [], tags: new Map() }), merge: async () => {}, patch: async () => {} },
    transportManager: { dialTransportForMultiaddr: () => ({}), getAddrs: () => [], dial }
  } as never)
  manager.start()
  for (const detail of connections) events.safeDispatchEvent('connection:open', { detail })
  return { manager, dial }
}

describe('openConnection', () => {
  const limited = connection('limited', { limits: {}, streams: [{}, {}, {}] })
  const relayed = connection('relayed', { direct: false, streams: [{}, {}, {}] })
  const idle = connection('idle', { timeline: { open: 5 } })
  const newest = connection('newest', { timeline: { open: 9 } })
  const busy = connection('busy', { streams: [{}] })
  const closed = connection('closed', { status: 'closing', streams: [{}, {}] })

  const relay = multiaddr('/ip4/1.2.3.4/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit')
  const id = `/p2p/${bob.toString()}`
  const far = connection('far', { direct: false, limits: {}, remoteAddr: relay.encapsulate(id) })

  it.each([
    ['a limited one', [busy, far], [relay.encapsulate(id)], 'far'],
    ['one of several', [far, busy], [multiaddr(`/ip4/9.9.9.9/tcp/1${id}`), relay.encapsulate(id)], 'far'],
    [
      'the address without the id',
      [connection('bare', { limits: {}, remoteAddr: relay })],
      [relay.encapsulate(id)],
      'bare'
    ],
    [
      'another one than the best',
      [busy, connection('x', { remoteAddr: multiaddr('/ip4/8.8.8.8/tcp/2') })],
      [multiaddr(`/ip4/8.8.8.8/tcp/2${id}`)],
      'x'
    ]
  ])('gives the connection whose address is named, and makes no second: %s', async (_, connections, target, wanted) => {
    const { manager, dial } = manage(connections)
    expect(await manager.openConnection(target)).toBe(connections.find(found => found.id === wanted))
    expect(dial).not.toHaveBeenCalled()
  })

  it('makes another where force is set, or where the limited one is at another address', async () => {
    for (const [target, options] of [
      [[relay.encapsulate(id)], { force: true }],
      [[remoteAddr], {}]
    ] as const) {
      const { manager, dial } = manage([far])
      expect((await manager.openConnection([...target], options)).id).toBe('dialed')
      expect(dial).toHaveBeenCalledOnce()
    }
  })

  it.each([
    ['more streams', [limited, relayed, idle, newest, busy, closed], 'busy'],
    ['the newest of equals', [limited, idle, newest, relayed], 'newest'],
    ['a direct one before a relayed one', [relayed, idle], 'idle'],
    ['a relayed one if there is no other', [limited, relayed], 'relayed']
  ])('gives the best connection without dialing: %s', async (_, connections, best) => {
    const { manager, dial } = manage(connections)
    expect((await manager.openConnection(bob)).id).toBe(best)
    expect(dial).not.toHaveBeenCalled()
    await manager.stop()
  })

  it('dials where there is none but limited ones, and always when it is forced', async () => {
    const { manager, dial } = manage([limited])
    const other = multiaddr(`/ip4/127.0.0.9/tcp/4001${id}`)
    expect((await manager.openConnection(other)).id).toBe('dialed')
    expect((await manager.openConnection(other, { force: true })).id).toBe('dialed')
    expect(dial).toHaveBeenCalledTimes(2)
    await manager.stop()
  })
})
