import type { Connection, PeerId } from '@libp2p/interface'
import { compare } from '@weft/bytes'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alice, carol } from '../../interface-node/test/fakes.ts'
import { SimultaneousOpen } from './simultaneous-open.ts'

const [lesser, greater] = [alice, carol].sort((a, b) => compare(a.toMultihash().bytes, b.toMultihash().bytes)) as [
  PeerId,
  PeerId
]

type Facts = { direction?: 'inbound' | 'outbound'; remotePeer?: PeerId; open?: number; streams?: object[] } & object

function connection({ open = Date.now(), ...facts }: Facts & Partial<Omit<Connection, 'streams'>> = {}): Connection {
  const made = {
    remotePeer: lesser,
    direction: 'outbound',
    direct: true,
    status: 'open',
    streams: [],
    timeline: { open, upgraded: open + 10 },
    close: vi.fn(async () => void (made.status = 'closed')),
    abort: vi.fn(),
    ...facts
  }
  return made as never
}
const inbound = (facts: Parameters<typeof connection>[0] = {}): Connection =>
  connection({ direction: 'inbound', ...facts })

/** A node's rule, and its connections. */
function node(own: PeerId) {
  const connections: Connection[] = []
  const rule = new SimultaneousOpen(own, peer => connections.filter(({ remotePeer }) => remotePeer.equals(peer)))
  return {
    rule,
    dialed(outbound: Connection): void {
      connections.push(outbound)
      rule.dialed(outbound)
    },
    closeRedundant(outbound: Connection): void {
      connections.push(outbound)
      rule.closeRedundant(outbound)
    },
    onInbound(accepted: Connection): void {
      connections.push(accepted)
      rule.onInbound(accepted)
    }
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('SimultaneousOpen', () => {
  it('is decided alike on both sides', () => {
    expect(node(greater).rule.givesWayTo(lesser)).toBe(true)
    expect(node(lesser).rule.givesWayTo(greater)).toBe(false)
  })

  it.each(['dialed', 'onInbound'] as const)(
    'closes the connection that the greater peer dialed, by that peer, once nothing uses it; last came what was %s',
    async last => {
      const own = node(greater)
      const [dialed, accepted] = [connection(), inbound()]
      if (last === 'onInbound') own.dialed(dialed)
      own.onInbound(accepted)
      if (last === 'dialed') own.dialed(dialed)
      expect(own.rule.kept([dialed, accepted])).toEqual([accepted])
      expect(own.rule.kept([dialed])).toEqual([dialed])
      await vi.advanceTimersByTimeAsync(999)
      expect(dialed.close).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(dialed.close).toHaveBeenCalledOnce()
      expect(accepted.close).not.toHaveBeenCalled()
    }
  )

  it.each([lesser, greater])('closes what %s dialed in vain once nothing uses it', async self => {
    const own = node(self)
    const [surplus, accepted] = [connection(), inbound()]
    own.onInbound(accepted)
    own.closeRedundant(surplus)
    expect(own.rule.kept([surplus, accepted])).toEqual([accepted])
    await vi.advanceTimersByTimeAsync(1000)
    expect(surplus.close).toHaveBeenCalledOnce()
    expect(accepted.close).not.toHaveBeenCalled()
  })

  it('gives up at once what was dialed in vain and is the only one', () => {
    const own = node(greater)
    const [surplus, closed] = [connection(), inbound({ status: 'closed' })]
    own.onInbound(closed)
    own.closeRedundant(surplus)
    expect(surplus.abort).toHaveBeenCalledOnce()
    expect(own.rule.kept([surplus])).toEqual([surplus])
  })

  it.each(['dialed', 'onInbound'] as const)(
    'is not used by the lesser peer either, which leaves it to the other to close it; last came what was %s',
    async last => {
      const own = node(lesser)
      const [dialed, accepted] = [connection({ remotePeer: greater }), inbound({ remotePeer: greater })]
      if (last === 'onInbound') own.dialed(dialed)
      own.onInbound(accepted)
      if (last === 'dialed') own.dialed(dialed)
      expect(own.rule.kept([accepted, dialed])).toEqual([dialed])
      expect(own.rule.kept([accepted])).toEqual([accepted])
      await vi.advanceTimersByTimeAsync(60_000)
      expect(accepted.close).not.toHaveBeenCalled()
      expect(dialed.close).not.toHaveBeenCalled()
    }
  )

  it('never closes a connection that is used', async () => {
    const own = node(greater)
    const streams = [{}]
    const [dialed, accepted] = [connection({ streams }), inbound()]
    own.onInbound(accepted)
    own.dialed(dialed)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(dialed.close).not.toHaveBeenCalled()
    streams.pop()
    await vi.advanceTimersByTimeAsync(1000)
    expect(dialed.close).toHaveBeenCalledOnce()
    const other = node(greater)
    const busy = connection({ streams: [{}] })
    other.dialed(busy)
    const beside = inbound()
    other.onInbound(beside)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(busy.close).not.toHaveBeenCalled()
    expect(other.rule.kept([busy, beside])).toEqual([busy, beside])
  })

  it('leaves everything else alone', async () => {
    const later = { open: Date.now() + 5000 }
    const cases: Array<[PeerId, Connection, Connection]> = [
      [greater, connection({ limits: {} }), inbound()],
      [greater, connection(), inbound({ direct: false })],
      // Dialed by the remote when it had this node's connection: it wants a second one.
      [greater, connection(), inbound(later)],
      [lesser, connection({ remotePeer: greater }), inbound({ remotePeer: greater, ...later })],
      // The same the other way round, as by an address that does not name the peer.
      [greater, connection(later), inbound()],
      [greater, connection(), inbound({ remotePeer: carol })]
    ]
    for (const [id, dialed, accepted] of cases) {
      const own = node(id)
      own.dialed(dialed)
      own.onInbound(accepted)
      expect(own.rule.kept([dialed, accepted])).toEqual([dialed, accepted])
      await vi.advanceTimersByTimeAsync(5000)
      expect(dialed.close).not.toHaveBeenCalled()
      expect(accepted.close).not.toHaveBeenCalled()
    }
  })

  it('leaves a connection alone on which the node insisted', async () => {
    const forced = connection()
    const rule = new SimultaneousOpen(greater, () => [forced])
    const accepted = inbound()
    rule.onInbound(accepted)
    expect(rule.kept([forced, accepted])).toEqual([forced, accepted])
  })

  it('keeps its only connection where the other has closed meanwhile', async () => {
    const own = node(greater)
    const [dialed, accepted] = [connection(), inbound()]
    own.dialed(dialed)
    own.onInbound(accepted)
    Object.assign(accepted, { status: 'closed' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(dialed.close).not.toHaveBeenCalled()
  })

  it('forgets all when it is stopped', async () => {
    const own = node(greater)
    const dialed = connection()
    own.dialed(dialed)
    own.onInbound(inbound())
    own.rule.stop()
    await vi.advanceTimersByTimeAsync(5000)
    expect(dialed.close).not.toHaveBeenCalled()
  })
})
