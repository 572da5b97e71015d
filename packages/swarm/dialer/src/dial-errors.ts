import { DialError, TimeoutError, WeftError, type WeftErrorOptions } from '@weft/errors'
import type { AddressState, DialReport, DialStage, WaitingFor } from './core/model.ts'

/** No address of a dial can be dialed. `addresses` says why for each. */
export class NoValidAddressesError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('NoValidAddressesError', 'ERR_NO_VALID_ADDRESSES', message, options)
  }
}

/** The connection gater refused a dial. */
export class DialDeniedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('DialDeniedError', 'ERR_PEER_DIAL_INTERCEPTED', message, options)
  }
}

/** An address of a dial that was tried, and failed. */
export interface DialAttempt {
  /** The address, as text. */
  address: string
  /** Who brought it: `caller`, `peer-store`, `routing`, `joiner`, or the address that it was resolved from. */
  source: string
  /** How far the attempt came. */
  stage: DialStage
  /** Milliseconds from its start to its failure. */
  elapsed: number
  /** Why it failed. */
  error: Error
}

/** An address of a dial that was not tried, or not to its end. */
export interface SkippedAddress {
  /** The address, as text. */
  address: string
  /** Who brought it. */
  source: string
  /** How far it came: `resolve` if it was filtered, `wait` if it was never dialed. */
  stage: DialStage
  /** Milliseconds since it was started, or since it arrived if it never was. */
  elapsed: number
  /** Why: a filter, its back-off, or that the dial was decided before its turn. */
  reason: string
}

/**
 * No address of a dial led to a connection: `attempts` lists those that failed with their causes, `errors` the causes
 * alone, `skipped` the other addresses. It is a `NoValidAddressesError` where there was none to try.
 */
export function dialFailed(target: string, report: DialReport<unknown>): WeftError {
  const { attempts, skipped } = dialFacts(report)
  const lines = attempts.map(
    ({ address, stage, elapsed, error }) => `${address} at ${stage} after ${Math.round(elapsed)} ms: ${error.message}`
  )
  const why = [...lines, ...skipped.map(({ address, reason }) => `${address}: ${reason}`)].join('; ')
  if (report.addresses.every(({ state: { kind } }) => kind === 'filtered' || kind === 'resolved')) {
    return new NoValidAddressesError(`no address of ${target} can be dialed: ${why || 'none is known'}`, {
      facts: { skipped }
    })
  }
  return new DialError(`could not dial ${target}: ${why}`, {
    cause: attempts[0]?.error,
    facts: { attempts, errors: attempts.map(({ error }) => error), skipped }
  })
}

/** A caller's time was over before the dial was. It has the facts of `dialFailed`. */
export function dialTooSlow(target: string, limit: number, report: DialReport<unknown>): TimeoutError {
  return new TimeoutError(`the dial of ${target} took more than ${limit} ms`, { facts: { ...dialFacts(report) } })
}

function dialFacts({ addresses, startedAt, elapsed }: DialReport<unknown>): {
  attempts: DialAttempt[]
  skipped: SkippedAddress[]
} {
  const now = startedAt + elapsed
  const attempts: DialAttempt[] = []
  const skipped: SkippedAddress[] = []
  for (const { text: address, source, state, addedAt } of addresses) {
    if (state.kind === 'failed') {
      const { stage, error } = state
      attempts.push({ address, source, stage, elapsed: state.elapsed, error })
      continue
    }
    const why = whySkipped(state, addedAt, now)
    if (why !== undefined) skipped.push({ address, source, ...why })
  }
  return { attempts, skipped }
}

/** `undefined` for a name that led to addresses: they stand for it. */
function whySkipped(
  state: Exclude<AddressState, { kind: 'failed' }>,
  addedAt: number,
  now: number
): Omit<SkippedAddress, 'address' | 'source'> | undefined {
  switch (state.kind) {
    case 'filtered':
      return { stage: 'resolve', elapsed: 0, reason: state.reason }
    case 'resolving':
      return { stage: 'resolve', elapsed: now - state.since, reason: 'it was being looked up' }
    case 'resolved':
      return state.count > 0 ? undefined : { stage: 'resolve', elapsed: state.elapsed, reason: 'it led to no address' }
    case 'waiting':
      return { stage: 'wait', elapsed: now - addedAt, reason: `it waited for ${waits[state.for]}` }
    case 'dialing':
      return { stage: state.stage, elapsed: now - state.since, reason: 'it was being dialed' }
    case 'cancelled':
      return { stage: state.stage, elapsed: state.elapsed, reason: state.reason }
    case 'connected':
      return { stage: 'identify', elapsed: state.elapsed, reason: 'it connected' }
  }
}

const waits: Readonly<Record<WaitingFor, string>> = {
  stagger: 'its turn in the dial',
  backoff: 'the end of its back-off',
  'peer-token': 'an attempt to this peer to end',
  'class-token': 'an attempt of its kind to end'
}
