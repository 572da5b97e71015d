import type { Address, Connection, Libp2pEvents, Peer } from '@libp2p/interface'
import { compare } from '@weft/bytes'
import { EventEmitter } from '@weft/events'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { alice, bob, carol, fakeLogger } from '../../interface-node/test/fakes.ts'
import { byRank } from './core/ranking.ts'
import { DialScheduler } from './core/scheduler.ts'
import type { DialTargetAddress } from './dial-address.ts'
import { answerDelay, DialEvents } from './dial-events.ts'
import type { RunningDial } from './running-dial.ts'
import { SchedulerDriver } from './scheduler-driver.ts'
import { SimultaneousOpen } from './simultaneous-open.ts'
import { defaultSchedulerLimits } from './core/limits.ts'

const addresses = [
  '/ip4/203.0.113.7/tcp/4001',
  '/ip6/2001:db8::7/udp/4001/quic-v1',
  '/dns4/peer.example/tcp/443/tls/ws',
  `/ip4/203.0.113.8/tcp/4001/p2p/${carol.toString()}/p2p-circuit`
].map(text => multiaddr(text))

/** A node's events, and one running dial, which keeps what it is told. `own` decides whose connection is kept. */
function listening({ dialed = bob, own = alice } = {}) {
  const events = new EventEmitter<Libp2pEvents>()
  const learnt: unknown[] = []
  const met: unknown[] = []
  const dial = {
    learn: (found: Address[], source: string) =>
      void learnt.push(
        source,
        ...found.map(({ multiaddr: address, isCertified }) => [address.toString(), isCertified])
      ),
    meet: (connection: Connection, delay: number) => void met.push(connection.remoteAddr.toString(), delay)
  } as Partial<RunningDial> as RunningDial
  const scheduler = new DialScheduler<DialTargetAddress>(defaultSchedulerLimits, byRank)
  const heard = new DialEvents(
    events,
    peer => (peer === dialed.toString() ? dial : undefined),
    new SimultaneousOpen(own, () => []),
    new SchedulerDriver(scheduler, () => {}, fakeLogger().forComponent('dials'))
  )
  heard.listen()
  const emit = <K extends keyof Libp2pEvents>(type: K, detail: unknown): void =>
    void events.safeDispatchEvent(type, { detail } as never)
  return { heard, emit, learnt, met }
}

const inboundFrom = (remoteAddr: Multiaddr, facts: Partial<Connection> = {}): Connection =>
  ({
    remotePeer: bob,
    remoteAddr,
    status: 'open',
    direction: 'inbound',
    direct: true,
    streams: [],
    timeline: { open: 1, upgraded: 2 },
    ...facts
  }) as Partial<Connection> as Connection

describe('the events that a dial hears', () => {
  it('gives a dial what is discovered of its peer, as addresses that nobody vouches for', () => {
    const { emit, learnt } = listening()
    emit('peer:discovery', { id: carol, multiaddrs: addresses })
    expect(learnt).toEqual([])
    emit('peer:discovery', { id: bob, multiaddrs: addresses })
    expect(learnt).toEqual(['discovery', ...addresses.map(address => [address.toString(), false])])
  })

  it('gives a dial what the peer store learns of its peer, certified where it is', () => {
    const { emit, learnt } = listening()
    const known = addresses.map((address, i) => ({ multiaddr: address, isCertified: i % 2 === 0 }))
    const peer = { id: bob, addresses: known } as Partial<Peer> as Peer
    emit('peer:update', { peer })
    expect(learnt).toEqual(['peer-store', ...addresses.map((address, i) => [address.toString(), i % 2 === 0])])
  })

  it('ends a dial whose peer has connected: at once where its connection is kept, after a while where this one is', () => {
    const [lesser, greater] = [alice, bob].sort((a, b) => compare(a.toMultihash().bytes, b.toMultihash().bytes)) as [
      typeof alice,
      typeof bob
    ]
    for (const [own, delay] of [
      [greater, 0],
      [lesser, answerDelay]
    ] as const) {
      const remotePeer = own === greater ? lesser : greater
      const { emit, met } = listening({ own, dialed: remotePeer })
      emit('connection:open', inboundFrom(addresses[0]!, { remotePeer }))
      expect(met).toEqual([addresses[0]!.toString(), delay])
    }
  })

  it('passes over connections that this node has made, and those of others', () => {
    const { emit, met } = listening()
    emit('connection:open', inboundFrom(addresses[0]!, { direction: 'outbound' }))
    emit('connection:open', inboundFrom(addresses[0]!, { remotePeer: carol }))
    expect(met).toEqual([])
  })

  it('hears nothing once it is stopped, and each event once however often it was told to listen', () => {
    const { heard, emit, learnt } = listening()
    heard.listen()
    emit('peer:discovery', { id: bob, multiaddrs: [addresses[0]!] })
    expect(learnt.length).toBe(2)
    heard.stop()
    emit('peer:discovery', { id: bob, multiaddrs: addresses })
    expect(learnt.length).toBe(2)
  })
})
