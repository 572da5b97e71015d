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
    expect((await manager.openConnection(remoteAddr)).id).toBe('dialed')
    expect((await manager.openConnection(remoteAddr, { force: true })).id).toBe('dialed')
    expect(dial).toHaveBeenCalledTimes(2)
    await manager.stop()
  })
})
