import { describe, expect, it } from 'vitest'
import { address, type Behaviour, DialWorld } from '../../test/dial-world.ts'

const behaviours: Record<string, Behaviour> = {
  silent: { kind: 'silent' },
  refused: { kind: 'refuse', after: 20 },
  good: { kind: 'connect', after: 10 }
}
const world = (limits?: ConstructorParameters<typeof DialWorld>[1]): DialWorld =>
  new DialWorld(text => behaviours[text.split('-')[0] ?? ''] ?? { kind: 'silent' }, limits)
const traced = { traced: true }

describe('trace', () => {
  it('says for which token an address waits, and what became of each', () => {
    const w = world({ classTokens: { fd: 1, webrtc: 1, webtransport: 1, relay: 1 }, privateStagger: 5 })
    const other = w.dial('other', [address('silent-other')])
    const ticket = w.dial('p', [address('good', { rank: 1 }), address('refused', { rank: 2 })], traced)
    w.clock.advance(100)
    w.do((s, now) => s.leave(other.caller, now))
    w.settle(ticket)
    expect(w.traces.has(other.caller)).toBe(false)
    expect(w.traces.get(ticket.caller)).toEqual([
      { kind: 'source', at: 0, source: 'caller', open: true },
      { kind: 'added', at: 0, address: 'good', source: 'caller' },
      { kind: 'added', at: 0, address: 'refused', source: 'caller' },
      { kind: 'waiting', at: 0, address: 'good', for: 'class-token', tokenClass: 'fd' },
      { kind: 'source', at: 0, source: 'caller', open: false },
      { kind: 'started', at: 100, address: 'good' },
      { kind: 'waiting', at: 105, address: 'refused', for: 'class-token', tokenClass: 'fd' },
      { kind: 'stage', at: 110, address: 'good', stage: 'identify' },
      { kind: 'connected', at: 110, address: 'good', elapsed: 10 },
      {
        kind: 'cancelled',
        at: 110,
        address: 'refused',
        stage: 'wait',
        elapsed: 110,
        reason: 'another address connected first'
      }
    ])
  })

  it('tells the last caller how his addresses end, also when his time is over', () => {
    const w = world({ peerTokens: 1 })
    const ticket = w.dial('p', [address('silent-1'), address('silent-2')], { ...traced, timeout: 50 })
    w.settle(ticket)
    const reason = 'nobody waits for the dial any more'
    expect(w.traces.get(ticket.caller)?.slice(-3)).toEqual([
      { kind: 'waiting', at: 30, address: 'silent-2', for: 'peer-token', tokenClass: 'fd' },
      { kind: 'cancelled', at: 50, address: 'silent-1', stage: 'connect', elapsed: 50, reason },
      { kind: 'cancelled', at: 50, address: 'silent-2', stage: 'wait', elapsed: 50, reason }
    ])
  })

  it('tells of a back-off and its end', () => {
    const w = world()
    w.settle(w.dial('p', [address('refused')]))
    const ticket = w.dial('p', [address('refused'), address('silent')], { ...traced, sources: ['caller'] })
    w.clock.advance(5100)
    expect(w.traces.get(ticket.caller)?.filter(step => 'address' in step && step.address === 'refused')).toMatchObject([
      { kind: 'added', at: 0 },
      { kind: 'waiting', at: 0, for: 'backoff', until: 5000 },
      { kind: 'waiting', at: 5000, for: 'stagger' },
      { kind: 'started', at: 5000 },
      { kind: 'failed', at: 5020, stage: 'connect', elapsed: 20 }
    ])
  })

  it('tells what is ranked out: first what failed lately', () => {
    const w = world({ maxAddresses: 2 })
    w.settle(w.dial('p', [address('refused')]))
    const wanted = [address('refused'), address('good'), address('good-2', { rank: 2 }), address('good-3', { rank: 3 })]
    const ticket = w.dial('p', wanted, traced)
    w.settle(ticket)
    expect(w.traces.get(ticket.caller)?.filter(({ kind }) => kind === 'filtered')).toEqual([
      { kind: 'filtered', at: 0, address: 'refused', reason: 'more than 2 addresses, and this failed lately' },
      { kind: 'filtered', at: 0, address: 'good-3', reason: 'more than 2 addresses, and this ranks last' }
    ])
  })

  it('leads a joiner to where everything is', () => {
    const w = world()
    const first = w.dial('p', [address('refused'), address('silent')], { sources: ['routing'] })
    w.clock.advance(40)
    w.do((s, now) => s.addRecord(first.dial!, '/dns', 'routing', { kind: 'resolving', since: now }, now))
    w.clock.advance(10)
    const second = w.dial('p', [], traced)
    expect(w.traces.get(second.caller)).toMatchObject([
      { kind: 'source', at: 0, source: 'routing', open: true },
      { kind: 'added', at: 0, address: 'refused' },
      { kind: 'failed', at: 20, address: 'refused', stage: 'connect' },
      { kind: 'added', at: 0, address: 'silent' },
      { kind: 'started', at: 20, address: 'silent' },
      { kind: 'added', at: 40, address: '/dns' },
      { kind: 'stage', at: 40, address: '/dns', stage: 'resolve' }
    ])
  })
})
