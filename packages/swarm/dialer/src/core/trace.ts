/** The live trace of a dial: what becomes of each address, as it happens. */
import type { AddressState, DialTrace, TokenClass } from './model.ts'

/** An address of a dial and what became of it. Times are those of the scheduler's clock. */
export interface Traced {
  readonly text: string
  readonly source: string
  readonly state: AddressState
  readonly addedAt: number
  readonly changedAt: number
  /** What it needs a token of. A name that is looked up needs none. */
  readonly tokenClass: TokenClass
}

/** The arrival of an address. */
export function arrivalOf({ text, source, addedAt }: Traced, startedAt: number): DialTrace {
  return { kind: 'added', at: addedAt - startedAt, address: text, source }
}

/** The step by which an address came into its state. `startedAt`: when the dial began. */
export function stepOf({ text: address, state, changedAt, tokenClass }: Traced, startedAt: number): DialTrace {
  const at = changedAt - startedAt
  switch (state.kind) {
    case 'waiting': {
      const until = state.until === undefined ? {} : { until: state.until - startedAt }
      return { kind: 'waiting', at, address, for: state.for, tokenClass, ...until }
    }
    case 'resolving':
      return { kind: 'stage', at, address, stage: 'resolve' }
    case 'dialing':
      return state.since === changedAt && state.stage === 'connect'
        ? { kind: 'started', at, address }
        : { kind: 'stage', at, address, stage: state.stage }
    default:
      return { ...state, at, address }
  }
}

/** The steps that lead to where an address is now, for one who comes late: those that were undone are left out. */
export function stepsOf(traced: Traced, startedAt: number): DialTrace[] {
  const { state, text: address, changedAt } = traced
  const steps = [arrivalOf(traced, startedAt)]
  if (state.kind === 'dialing' && changedAt !== state.since) {
    steps.push({ kind: 'started', at: state.since - startedAt, address })
  }
  // That it waits for its stagger is said by its arrival.
  if (!(state.kind === 'waiting' && state.for === 'stagger')) steps.push(stepOf(traced, startedAt))
  return steps
}
