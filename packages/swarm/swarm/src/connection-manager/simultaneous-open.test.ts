import type { Connection, PeerId } from '@libp2p/interface'
import { compare } from '@weft/bytes'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alice, carol } from '../../test/fakes.ts'
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

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('SimultaneousOpen', () => {
  it('is decided alike on both sides', () => {
    expect(new SimultaneousOpen(greater).givesWayTo(lesser)).toBe(true)
    expect(new SimultaneousOpen(lesser).givesWayTo(greater)).toBe(false)
  })

  it('closes the connection that the greater peer dialed, by that peer, once nothing uses it', async () => {
    const own = new SimultaneousOpen(greater)
    const [dialed, accepted] = [connection(), inbound()]
    own.dialed(dialed, undefined)
    own.met(accepted)
    expect(own.kept([dialed, accepted])).toEqual([accepted])
    expect(own.kept([dialed])).toEqual([dialed])
    await vi.advanceTimersByTimeAsync(999)
    expect(dialed.close).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(dialed.close).toHaveBeenCalledOnce()
    expect(accepted.close).not.toHaveBeenCalled()
  })

  it('sees it also where the other came first', async () => {
    const own = new SimultaneousOpen(greater)
    const [dialed, accepted] = [connection(), inbound()]
    own.met(accepted)
    own.dialed(dialed, accepted)
    await vi.advanceTimersByTimeAsync(1000)
    expect(dialed.close).toHaveBeenCalledOnce()
  })

  it('never closes a connection that is used', async () => {
    const own = new SimultaneousOpen(greater)
    const streams = [{}]
    const [dialed, accepted] = [connection({ streams }), inbound()]
    own.dialed(dialed, accepted)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(dialed.close).not.toHaveBeenCalled()
    streams.pop()
    await vi.advanceTimersByTimeAsync(1000)
    expect(dialed.close).toHaveBeenCalledOnce()
    const busy = connection({ streams: [{}] })
    own.dialed(busy, inbound())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(busy.close).not.toHaveBeenCalled()
    expect(own.kept([busy, accepted])).toEqual([busy, accepted])
  })

  it('leaves everything else alone', async () => {
    const cases: Array<[PeerId, Connection, Connection]> = [
      // The remote has to do it.
      [lesser, connection({ remotePeer: greater }), inbound({ remotePeer: greater })],
      [greater, connection({ limits: {} }), inbound()],
      [greater, connection(), inbound({ direct: false })],
      // Dialed by the remote when it had this node's connection: it wants a second one.
      [greater, connection(), inbound({ open: Date.now() + 5000 })],
      [greater, connection(), inbound({ remotePeer: carol })]
    ]
    for (const [id, dialed, accepted] of cases) {
      const own = new SimultaneousOpen(id)
      own.dialed(dialed, undefined)
      own.met(accepted)
      await vi.advanceTimersByTimeAsync(5000)
      expect(dialed.close).not.toHaveBeenCalled()
      expect(accepted.close).not.toHaveBeenCalled()
    }
  })

  it('keeps its only connection where the other has closed meanwhile', async () => {
    const own = new SimultaneousOpen(greater)
    const [dialed, accepted] = [connection(), inbound()]
    own.dialed(dialed, accepted)
    Object.assign(accepted, { status: 'closed' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(dialed.close).not.toHaveBeenCalled()
  })

  it('forgets all when it is stopped', async () => {
    const own = new SimultaneousOpen(greater)
    const dialed = connection()
    own.dialed(dialed, inbound())
    own.stop()
    await vi.advanceTimersByTimeAsync(5000)
    expect(dialed.close).not.toHaveBeenCalled()
  })
})
