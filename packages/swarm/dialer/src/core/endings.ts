import type { AbortReason, DialReport, DialState, Outcome } from './model.ts'

/** How a dial ends. */
export type Ending<A> = Exclude<DialState<A>, { kind: 'queued' | 'resolving' | 'dialing' }>

/** What the end of a dial is to those who wait for it. */
export function outcomeOf<A>(ending: Ending<A>, report: () => DialReport<A>): Outcome<A> {
  if (ending.kind === 'connected' || ending.kind === 'answered') return ending
  return ending.kind === 'failed' ? { kind: 'failed', error: ending.error, report: report() } : { kind: 'left' }
}

/** Why an address was not tried, or not to its end. */
export function whyCancelled(ending: Ending<unknown>): string {
  if (ending.kind === 'connected') return 'another address connected first'
  if (ending.kind === 'answered') return 'the peer connected to this node first'
  return ending.kind === 'abandoned' ? 'nobody waits for the dial any more' : 'the dial was ended'
}

export function abortReason(ending: Ending<unknown>): AbortReason {
  if (ending.kind === 'connected' || ending.kind === 'answered') return 'lost'
  return ending.kind === 'abandoned' ? 'abandoned' : 'ended'
}
