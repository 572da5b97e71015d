/** A case on virtual time: the scheduler alone. */

import type { Outcome } from '../../packages/swarm/dialer/src/core/model.ts'
import { dialFailed } from '../../packages/swarm/dialer/src/dial-errors.ts'
import { addressOf, type Behaviour, DialWorld } from '../../packages/swarm/dialer/test/dial-world.ts'
import { type Answer, type CaseRun, type DialCase, type Place, roundTrip } from './cases.ts'

// Neighbours, as the sockets of the cases over real ones are: what an address does is in its third number.
const places: readonly Place[] = ['good', 'refused', 'silent']
const textOf = (place: Place, n: number): string => `/ip4/10.0.${places.indexOf(place)}.${n}/tcp/4001`
const placeOf = (text: string): Place => places[Number(text.split('.')[2])]!
const behaviours: Record<Place, Behaviour> = {
  good: { kind: 'connect', after: roundTrip },
  refused: { kind: 'refuse', after: roundTrip },
  silent: { kind: 'silent' }
}

export function runVirtually({ stored = [], learnt, dialTimeout = 10_000, callers }: DialCase): CaseRun {
  const w = new DialWorld(text => behaviours[placeOf(text)])
  let made = 0
  const addresses = (wanted: readonly Place[], joined: boolean): ReturnType<typeof addressOf>[] =>
    wanted.map(place => addressOf(textOf(place, made++), joined))
  let dial: number | undefined
  const tickets = callers.map(({ at, places, timeout = dialTimeout }) => {
    let ticket: ReturnType<DialWorld['dial']> | undefined
    w.clock.setAt(() => {
      const wanted = places.length === 0 ? stored : places
      // The peer store stays open as a source while more may come.
      const sources = learnt === undefined ? {} : { sources: ['peer-store'] }
      ticket = w.dial('peer', addresses(wanted, at > 0), { timeout, ...sources })
      dial ??= ticket.dial
    }, at)
    return () => ticket
  })
  if (learnt !== undefined) {
    w.clock.setAt(() => w.do((s, now) => s.addAddresses(dial!, addresses([learnt.place], false), now)), learnt.at)
  }
  w.clock.runUntilIdle()
  const good = w.starts.find(({ text }) => placeOf(text) === 'good')
  return {
    answers: tickets.map(ticket => {
      const { at, outcome } = w.settled.get(ticket()!.caller)!
      return { at, ...answerOf(outcome) }
    }),
    addresses: w.starts.map(({ text }) => text),
    ...(good === undefined ? {} : { goodAt: good.at })
  }
}

function answerOf(outcome: Outcome<unknown>): Pick<Answer, 'kind'> & { error?: unknown } {
  if (outcome.kind === 'failed') return { kind: 'failed', error: dialFailed('the peer', outcome.report) }
  if (outcome.kind === 'connected' || outcome.kind === 'timeout') return { kind: outcome.kind }
  throw new Error(`a dial ended as ${outcome.kind}`)
}
