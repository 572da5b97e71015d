import { describe, expect, it } from 'vitest'
import { address, type Behaviour, DialWorld } from '../../test/dial-world.ts'
import type { DialReport, Outcome } from './model.ts'

const behaviours: Record<string, Behaviour> = {
  silent: { kind: 'silent' },
  refused: { kind: 'refuse', after: 20 },
  good: { kind: 'connect', after: 10 },
  slow: { kind: 'connect', after: 400 }
}
const world = (limits?: ConstructorParameters<typeof DialWorld>[1]): DialWorld =>
  new DialWorld(text => behaviours[text.split('-')[0] ?? ''] ?? { kind: 'silent' }, limits)
const named = (prefix: string, count: number, facts?: Parameters<typeof address>[1]): ReturnType<typeof address>[] =>
  Array.from({ length: count }, (_, i) => address(`${prefix}-${i}`, { rank: i, ...facts }))
const failed = (outcome: Outcome<unknown>): Extract<Outcome<unknown>, { kind: 'failed' }> => {
  if (outcome.kind !== 'failed') throw new Error(`the dial ended as ${outcome.kind}`)
  return outcome
}
const states = (report: DialReport<unknown> | undefined): Record<string, string> =>
  Object.fromEntries(
    (report?.addresses ?? []).map(({ text, state }) => [text, state.kind === 'waiting' ? state.for : state.kind])
  )

describe('the cases that were measured', () => {
  it('connects past a silent address after one stagger and a round trip', () => {
    const w = world()
    const ticket = w.dial('p', [address('silent'), address('good', { rank: 1 })])
    expect(w.settle(ticket)).toMatchObject({ at: 40, outcome: { kind: 'connected', address: { text: 'good' } } })
    expect(w.running).toBe(0)
  })

  it('connects past two silent addresses', () => {
    const w = world()
    expect(w.settle(w.dial('p', [...named('silent', 2), address('good', { rank: 9 })])).at).toBe(70)
    const publicly = world()
    const wide = { reach: 'public' } as const
    const ticket = publicly.dial('p', [...named('silent', 2, wide), address('good', { ...wide, rank: 9 })])
    expect(publicly.settle(ticket).at).toBe(510)
  })

  it.each(['private', 'public'] as const)('dials a better %s address when it comes, at 200 ms', reach => {
    const w = world()
    const ticket = w.dial('p', [address('silent', { reach, rank: 5 })], { sources: ['peer-store'] })
    w.clock.setTimeout(
      () => w.do((s, now) => s.addAddresses(ticket.dial!, [address('good', { reach, rank: 1 })], now)),
      200
    )
    expect(w.settle(ticket).at).toBe(210)
  })

  it('dials what a joiner brings at once, and answers both', () => {
    const w = world()
    const wide = { reach: 'public' } as const
    const first = w.dial('p', [...named('silent', 1, wide)])
    w.clock.advance(200)
    const second = w.dial('p', [address('good', { ...wide, rank: 7, urgent: true })])
    expect(second).toMatchObject({ joined: true, dial: first.dial })
    expect([w.settle(first).at, w.settle(second).at]).toEqual([210, 210])
  })

  it('keeps a refusal beside what a joiner brings in vain', () => {
    const w = world()
    const first = w.dial('p', [address('refused')], { sources: ['caller'] })
    w.clock.advance(10)
    const second = w.dial('p', [], {})
    w.do((s, now) => s.addRecord(second.dial!, '/x', 'caller', { kind: 'filtered', reason: 'none' }, now))
    w.clock.advance(20)
    w.do((s, now) => s.sourceEnded(first.dial!, 'caller', now))
    expect(states(failed(w.settle(second).outcome).report)).toEqual({ refused: 'failed', '/x': 'filtered' })
  })

  it('holds each caller to its own deadline', () => {
    const w = world()
    const first = w.dial('p', named('silent', 4), { timeout: 10_000, sources: ['routing'] })
    w.clock.advance(100)
    const second = w.dial('p', [], { timeout: 1000 })
    expect(w.settle(second)).toMatchObject({ at: 1100, outcome: { kind: 'timeout' } })
    expect(w.settle(first)).toMatchObject({ at: 10_000, outcome: { kind: 'timeout' } })
    expect(w.ended).toEqual([first.dial])
    expect(w.scheduler.wakeAt).toBeUndefined()
  })

  it('connects to the last of 31 addresses', () => {
    const w = world()
    const ticket = w.dial('p', [...named('refused', 30), address('good', { rank: 99 })])
    expect(w.settle(ticket).outcome.kind).toBe('connected')
  })

  it('names every address, stage and cause when all refuse', () => {
    const w = world()
    const { outcome } = w.settle(w.dial('p', named('refused', 12)))
    const { addresses, state } = failed(outcome).report
    expect(state.kind).toBe('failed')
    expect(addresses).toHaveLength(12)
    for (const { state, source } of addresses) {
      expect(source).toBe('caller')
      expect(state).toEqual({ kind: 'failed', stage: 'connect', elapsed: 20, error: new Error('refused') })
    }
  })
})

describe('order and stagger', () => {
  it('runs the reaches beside one another and gives direct addresses a lead', () => {
    const w = world()
    const wide = { reach: 'public' } as const
    w.dial('p', [
      ...named('silent-relay', 2, { reach: 'relay', tokenClass: 'relay' }),
      ...named('silent-public', 2, wide),
      ...named('silent-private', 2)
    ])
    w.clock.advance(1000)
    expect(w.starts.map(({ text, at }) => [text, at])).toEqual([
      ['silent-private-0', 0],
      ['silent-public-0', 0],
      ['silent-private-1', 30],
      ['silent-public-1', 250],
      ['silent-relay-0', 500],
      ['silent-relay-1', 750]
    ])
  })

  it('dials a relayed address at once if there is no direct one', () => {
    const w = world()
    w.dial('p', [address('good', { reach: 'relay', tokenClass: 'relay' })])
    expect(w.starts[0]?.at).toBe(0)
  })

  it('starts the next as soon as nothing is under way', () => {
    const w = world()
    w.dial('p', named('refused', 3, { reach: 'public' }))
    w.clock.advance(100)
    expect(w.starts.map(({ at }) => at)).toEqual([0, 20, 40])
  })

  it('ranks out what is past the bound, and keeps the record bounded', () => {
    const w = world({ maxAddresses: 5 })
    const { outcome } = w.settle(w.dial('p', [...named('refused', 20)].reverse()))
    const { addresses, unrecorded } = failed(outcome).report
    const tried = addresses.filter(({ state }) => state.kind === 'failed').map(({ text }) => text)
    expect(tried.sort()).toEqual(['refused-0', 'refused-1', 'refused-2', 'refused-3', 'refused-4'])
    expect([addresses.length, unrecorded]).toEqual([10, 10])
  })

  it('gives up an attempt after its time, and the dial goes on', () => {
    const w = world({ peerTokens: 1 })
    const ticket = w.dial('p', [address('silent'), address('good', { rank: 1 })])
    w.clock.advance(100)
    expect(states(w.scheduler.report(ticket.dial!, w.now))).toEqual({ silent: 'dialing', good: 'peer-token' })
    expect(w.settle(ticket).at).toBe(6010)
  })
})

describe('ends', () => {
  it('closes what connects too late', () => {
    const w = world()
    const ticket = w.dial('p', [address('slow'), address('good', { rank: 1 })])
    expect(w.settle(ticket).at).toBe(40)
    w.clock.advance(1000)
    expect(w.closed).toHaveLength(1)
    expect(w.running).toBe(0)
  })

  it('fails at once without sources and addresses', () => {
    const w = world()
    expect(w.settle(w.dial('p', []))).toMatchObject({ at: 0, outcome: { kind: 'failed' } })
  })

  it('waits for sources that are open', () => {
    const w = world()
    const ticket = w.dial('p', [address('refused')], { sources: ['caller', 'dns'] })
    w.clock.advance(1000)
    expect(w.scheduler.report(ticket.dial!, w.now)?.state.kind).toBe('resolving')
    w.do((s, now) => s.sourceEnded(ticket.dial!, 'caller', now))
    expect(w.settled.size).toBe(0)
    w.do((s, now) => s.sourceEnded(ticket.dial!, 'dns', now))
    expect(w.settled.size).toBe(1)
  })

  it('ends with its last caller, and a new dial is another one', () => {
    const w = world()
    const a = w.dial('p', named('silent', 2))
    const b = w.dial('p', [])
    w.do((s, now) => s.leave(a.caller, now))
    expect(w.ended).toEqual([])
    w.do((s, now) => s.leave(b.caller, now))
    expect(w.ended).toEqual([a.dial])
    expect(w.running).toBe(0)
    expect(w.dial('p', []).joined).toBe(false)
  })

  it('ends for a reason of the adapter', () => {
    const w = world()
    const ticket = w.dial('p', named('silent', 1))
    const denied = new Error('denied')
    w.do((s, now) => s.endDial(ticket.dial!, denied, now))
    expect(failed(w.settled.get(ticket.caller)!.outcome).error).toBe(denied)
  })
})

describe('turns', () => {
  it('takes the highest priority first and refuses what is too much, running dials included', () => {
    const w = world({ maxParallelDials: 1, maxDials: 3 })
    const first = w.dial('a', [address('good-a')])
    const low = w.dial('b', [address('good-b')], { priority: 10 })
    const high = w.dial('c', [address('good-c')], { priority: 90 })
    const refused = w.dial('d', [address('good-d')])
    expect(w.settled.get(refused.caller)?.outcome).toEqual({ kind: 'refused', dials: 3 })
    expect(w.scheduler.report(low.dial!, 0)?.state.kind).toBe('queued')
    expect([first, high, low].map(ticket => w.settle(ticket).at)).toEqual([10, 20, 30])
  })

  it('gets through many dials that end as they begin', () => {
    const w = world({ maxParallelDials: 1, maxDials: 5001 })
    const first = w.dial('first', [address('good')])
    const rest = Array.from({ length: 5000 }, (_, i) => w.dial(`p${i}`, []))
    w.settle(first)
    expect(rest.every(({ caller }) => w.settled.has(caller))).toBe(true)
  })
})

describe('tokens', () => {
  it('hands a token to the dial that waits longest, past one that was cancelled', () => {
    const w = world({ classTokens: { fd: 1, webrtc: 1, webtransport: 1, relay: 1 } })
    const [a, b, c] = ['a', 'b', 'c'].map(peer => w.dial(peer, [address(`good-${peer}`)]))
    expect(w.scheduler.usage('fd')).toEqual({ used: 1, waiting: 2 })
    w.do((s, now) => s.leave(b!.caller, now))
    expect([a, c].map(ticket => w.settle(ticket!).at)).toEqual([10, 20])
    expect(w.scheduler.usage('fd')).toEqual({ used: 0, waiting: 0 })
  })

  it('keeps a token until the attempt has truly ended', () => {
    const stuck = new DialWorld(text => (text === 'good' ? behaviours['good']! : { kind: 'silent', unwind: 300 }), {
      classTokens: { fd: 1, webrtc: 1, webtransport: 1, relay: 1 }
    })
    const a = stuck.dial('a', [address('stuck')], { timeout: 100 })
    const b = stuck.dial('b', [address('good')])
    expect([stuck.settle(a).at, stuck.settle(b).at]).toEqual([100, 410])
  })

  it('goes on with a dial that was handed a token, staggered from its true start', () => {
    const w = world({ classTokens: { fd: 2, webrtc: 1, webtransport: 1, relay: 1 } })
    for (const peer of ['a', 'b']) w.dial(peer, [address('slow')])
    expect(w.settle(w.dial('c', [address('silent'), address('good', { rank: 1 })])).at).toBe(440)
  })

  it('lets one address of a dial wait for a class, and other classes go on', () => {
    const w = world({ classTokens: { fd: 1, webrtc: 1, webtransport: 1, relay: 1 } })
    w.dial('a', [address('silent')])
    const ticket = w.dial('b', [...named('good-fd', 3), address('good-rtc', { tokenClass: 'webrtc', rank: 9 })])
    expect(w.settle(ticket)).toMatchObject({ at: 40, outcome: { address: { text: 'good-rtc' } } })
    expect(w.scheduler.usage('fd')).toEqual({ used: 1, waiting: 0 })
  })
})

describe('history', () => {
  it('lets a failed address rest, unless it is forced or cleared', () => {
    const w = world()
    const again = (forced = false): string => {
      const { outcome } = w.settle(w.dial('p', [address('refused')], { forced }))
      return states(failed(outcome).report)['refused'] ?? ''
    }
    expect([again(), again(), again(true)]).toEqual(['failed', 'cancelled', 'failed'])
    w.clock.advance(5900)
    expect(again()).toBe('cancelled')
    w.clock.advance(100)
    expect(again()).toBe('failed')
    w.do(s => s.clearBackoff('p'))
    expect(again()).toBe('failed')
  })

  it('tries an address whose back-off ends while the dial goes on', () => {
    const w = world()
    w.settle(w.dial('p', [address('refused')]))
    const ticket = w.dial('p', [address('refused')], { sources: ['routing'] })
    expect(states(w.scheduler.report(ticket.dial!, w.now))).toEqual({ refused: 'backoff' })
    w.clock.advance(5000)
    expect(w.starts.map(({ at }) => at)).toEqual([0, 5020])
  })

  it('leaves a black hole alone, but probes it', () => {
    const w = world()
    const v6 = { reach: 'public', paths: ['ip6'] } as const
    for (let i = 0; i < 100; i++) w.settle(w.dial(`p${i}`, [address(`refused-${i}`, v6)]))
    const tried = (i: number): boolean => {
      const before = w.starts.length
      w.settle(w.dial(`q${i}`, [address(`good-${i}`, v6)]))
      return w.starts.length > before
    }
    const results = Array.from({ length: 101 }, (_, i) => tried(i))
    expect(results.indexOf(true)).toBe(99)
    expect(results[100]).toBe(true)
  })
})

describe('what the adapter is asked for', () => {
  it('is to ask held-back sources, each time that nothing is under way', () => {
    const w = world()
    const idleAt: number[] = []
    w.onAskDeferred = () => idleAt.push(w.now)
    const ticket = w.dial('p', [address('refused')], { sources: ['routing'] })
    w.clock.advance(100)
    w.do((s, now) => s.addAddresses(ticket.dial!, [address('refused-2')], now))
    w.clock.advance(100)
    // At its turn, before it has addresses, and after each failure.
    expect(idleAt).toEqual([0, 20, 120])
    w.do((s, now) => s.sourceEnded(ticket.dial!, 'routing', now))
    expect(failed(w.settle(ticket).outcome).report.addresses).toHaveLength(2)
  })

  it('ends the dial of a peer that has connected by itself', () => {
    const w = world()
    const ticket = w.dial('p', [address('silent')])
    w.do((s, now) => s.dialAnswered(ticket.dial!, now))
    expect(w.settle(ticket).outcome).toEqual({ kind: 'answered' })
    expect([w.running, w.scheduler.usage('fd')]).toEqual([0, { used: 0, waiting: 0 }])
  })
})
