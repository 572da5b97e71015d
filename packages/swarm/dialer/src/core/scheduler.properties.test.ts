/**
 * Random schedules of random worlds. The world itself throws where a token too many is out, an address is started twice
 * or a caller is answered twice or told of a step after his answer. `WEFT_RUNS` in the environment sets the number of runs.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { address, type Behaviour, DialWorld } from '../../test/dial-world.ts'
import type { DialAddress, DialTrace, Reach, TokenClass } from './model.ts'

const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
const numRuns = Number(environment?.['WEFT_RUNS'] ?? 2000)
const timeout = 30_000 + numRuns * 10

const peers = ['a', 'b', 'c']
const classes: readonly Exclude<TokenClass, 'none'>[] = ['fd', 'webrtc', 'webtransport', 'relay']

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({ kind: fc.constant('connect' as const), after: fc.nat(800) }),
  fc.record({ kind: fc.constant('refuse' as const), after: fc.nat(800) }),
  fc.record({ kind: fc.constant('silent' as const), unwind: fc.nat(200) })
)
const dialAddress: fc.Arbitrary<DialAddress> = fc
  .record({
    // Few texts, so that dials share and repeat them.
    name: fc.nat(30),
    tokenClass: fc.constantFrom<TokenClass>(...classes, 'fd', 'fd', 'none'),
    reach: fc.constantFrom<Reach>('private', 'public', 'relay'),
    rank: fc.nat(5),
    urgent: fc.boolean()
  })
  .map(({ name, ...facts }) => address(`/${name}`, facts))
const addresses = fc.array(dialAddress, { maxLength: 6 })

type Step =
  | {
      kind: 'dial'
      peer: string
      addresses: DialAddress[]
      timeout: number | undefined
      forced: boolean
      open: boolean
      traced: boolean
    }
  | { kind: 'add'; dial: number; addresses: DialAddress[] }
  | { kind: 'end-source' | 'end-dial' | 'answer'; dial: number }
  | { kind: 'leave'; caller: number }
  | { kind: 'clear' }
  | { kind: 'pass'; ms: number }

const dialStep = fc.record({
  kind: fc.constant('dial' as const),
  peer: fc.constantFrom(...peers),
  addresses,
  timeout: fc.option(fc.nat(3000), { nil: undefined }),
  forced: fc.boolean(),
  open: fc.boolean(),
  traced: fc.boolean()
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: dialStep },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), dial: fc.nat(20), addresses }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end-source' as const), dial: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end-dial' as const), dial: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('answer' as const), dial: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), caller: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(1000) }) }
)
const capacity = fc.integer({ min: 1, max: 3 })
const worldInit = fc.record({
  behaviours: fc.array(behaviour, { minLength: 31, maxLength: 31 }),
  classTokens: fc.record({ fd: capacity, webrtc: capacity, webtransport: capacity, relay: capacity }),
  peerTokens: capacity,
  maxParallelDials: fc.integer({ min: 1, max: 6 }),
  maxDials: fc.integer({ min: 1, max: 9 }),
  maxAddresses: fc.integer({ min: 1, max: 8 }),
  maxBackoffs: fc.integer({ min: 1, max: 10 }),
  blackHoleWindow: fc.integer({ min: 2, max: 6 })
})

describe('random schedules', () => {
  it(
    'keep every promise of the scheduler',
    () => {
      fc.assert(
        fc.property(worldInit, fc.array(step, { maxLength: 40 }), ({ behaviours, ...limits }, steps) => {
          const w = new DialWorld(text => behaviours[Number(text.slice(1))] ?? { kind: 'silent' }, limits)
          const callers: number[] = []
          const dials: number[] = []
          for (const action of steps) {
            run(w, action, callers, dials)
            checkState(w)
          }
          // What is left comes to its end without further events: no wake-up is lost.
          for (const dial of dials) w.do((s, now) => s.sourceEnded(dial, 'caller', now))
          w.clock.runUntilIdle()
          for (const caller of callers) expect(w.settled.has(caller)).toBe(true)
          expect(w.settled.size).toBe(callers.length)
          expect(w.scheduler.reports(w.now)).toEqual([])
          expect(w.running).toBe(0)
          expect(w.scheduler.wakeAt).toBeUndefined()
          expect(new Set(w.ended).size).toBe(w.ended.length)
          for (const [caller, steps] of w.traces) {
            const { kind } = w.settled.get(caller)!.outcome
            checkTrace(steps, kind === 'connected' || kind === 'failed')
          }
          for (const name of classes) expect(w.scheduler.usage(name)).toEqual({ used: 0, waiting: 0 })
          // No token was lost: as many attempts run at once as there are tokens.
          for (const name of classes) {
            const { [name]: tokens } = limits.classTokens
            expect(fill(w, name, tokens + 2)).toBe(Math.min(tokens, limits.maxParallelDials, limits.maxDials))
          }
        }),
        { numRuns }
      )
    },
    timeout
  )
})

function run(w: DialWorld, action: Step, callers: number[], dials: number[]): void {
  switch (action.kind) {
    case 'dial': {
      const { peer, addresses, timeout: limit, forced, open, traced } = action
      const init = {
        forced,
        traced,
        ...(open ? { sources: ['caller'] } : {}),
        ...(limit === undefined ? {} : { timeout: limit })
      }
      const { caller, dial } = w.dial(peer, addresses, init)
      callers.push(caller)
      if (dial !== undefined) dials.push(dial)
      break
    }
    case 'add':
      w.do((s, now) => s.addAddresses(dials[action.dial] ?? -1, action.addresses, now))
      break
    case 'end-source':
      w.do((s, now) => s.sourceEnded(dials[action.dial] ?? -1, 'caller', now))
      break
    case 'end-dial':
      w.do((s, now) => s.endDial(dials[action.dial] ?? -1, new Error('ended'), now))
      break
    case 'answer':
      w.do((s, now) => s.dialAnswered(dials[action.dial] ?? -1, now))
      break
    case 'leave':
      w.do((s, now) => s.leave(callers[action.caller] ?? -1, now))
      break
    case 'clear':
      w.do(s => s.clearBackoff())
      break
    case 'pass':
      w.clock.advance(action.ms)
  }
}

const lastSteps: ReadonlySet<string> = new Set(['filtered', 'resolved', 'failed', 'cancelled', 'connected'])

/** Each address arrives, is dialed at most once, and ends once; where the dial was decided, all have ended. */
function checkTrace(steps: readonly DialTrace[], decided: boolean): void {
  const states = new Map<string, 'open' | 'started' | 'ended'>()
  for (const step of steps) {
    if (step.kind === 'source') continue
    const { kind, address: text } = step
    const state = states.get(text)
    if (kind === 'added') {
      // What was ranked out, and is not even recorded any more, may come again.
      expect([undefined, 'ended']).toContain(state)
      states.set(text, 'open')
    } else if (kind === 'started') {
      expect(state).toBe('open')
      states.set(text, 'started')
    } else if (lastSteps.has(kind)) {
      expect(['open', 'started']).toContain(state)
      states.set(text, 'ended')
    } else expect(state).toBe(kind === 'stage' ? 'started' : 'open')
  }
  if (decided) expect([...states.values()].filter(state => state !== 'ended')).toEqual([])
}

/** No token lies idle while someone waits for it, and a dial that is dialing has something that will wake it. */
function checkState(w: DialWorld): void {
  for (const name of classes) {
    const { used, waiting } = w.scheduler.usage(name)
    expect(used).toBeLessThanOrEqual(w.limits.classTokens[name])
    if (waiting > 0) expect(used).toBe(w.limits.classTokens[name])
  }
  for (const { addresses: found, state, sources } of w.scheduler.reports(w.now)) {
    if (state.kind === 'queued') continue
    const kinds = found.map(entry => (entry.state.kind === 'waiting' ? entry.state.for : entry.state.kind))
    const underWay = kinds.some(kind => kind === 'dialing' || kind === 'peer-token' || kind === 'class-token')
    // Nothing waits for its stagger while nothing is under way.
    if (!underWay) expect(kinds).not.toContain('stagger')
    if (!underWay) expect(sources).not.toEqual([])
  }
}

/** Dials as many peers as there are addresses of a class; returns how many of them are dialed at once. */
function fill(w: DialWorld, tokenClass: TokenClass, count: number): number {
  w.do(s => s.clearBackoff())
  const before = w.running
  const tickets = Array.from({ length: count }, (_, i) =>
    w.dial(`${tokenClass}${i}`, [address(`/x${tokenClass}`, { tokenClass })], { sources: ['caller'] })
  )
  const { running } = w
  for (const { caller } of tickets) w.do((s, now) => s.leave(caller, now))
  w.clock.runUntilIdle()
  return running - before
}
