import {
  type DialAttempt,
  DialError,
  dialErrorOf,
  type DialErrorOptions,
  type DialFailure,
  isDialError,
  type SkippedAddress
} from '@weft/errors'
import type { AddressState, DialReport, WaitingFor } from './core/model.ts'

/** No address of a dial can be dialed: `skipped` says why for each. */
export class NoValidAddressesError extends DialError {
  constructor(message: string, options?: DialErrorOptions) {
    super(message, { ...options, name: 'NoValidAddressesError', code: 'ERR_NO_VALID_ADDRESSES' })
  }
}

/** The connection gater refused a dial: the peer, or all addresses that could be dialed. */
export class DialDeniedError extends DialError {
  constructor(message: string, options?: DialErrorOptions) {
    super(message, { ...options, name: 'DialDeniedError', code: 'ERR_PEER_DIAL_INTERCEPTED' })
  }
}

/** Why the scheduler leaves out what is past `maxPeerAddrsToDial`. */
const rankedOut = /^more than \d+ addresses/

/** Why the gater's addresses are left out. */
export const deniedByGater = 'the connection gater denied it'

/**
 * No address of a dial led to a connection: `attempts` lists those that failed with their causes, `errors` the causes
 * alone, `skipped` the other addresses. Its name is js-libp2p's for what happened: that of the one reason why all attempts
 * failed, `AggregateError` for several; `DialError` where some were left out as too many; `NoValidAddressesError` where there was nothing to try, `DialDeniedError` where
 * the gater denied what there was.
 */
export function dialFailed(target: string, report: DialReport<unknown>): DialFailure {
  const { attempts, skipped } = dialFacts(report)
  const lines = attempts.map(
    ({ address, stage, elapsed, error }) => `${address} at ${stage} after ${Math.round(elapsed)} ms: ${error.message}`
  )
  const why = [...lines, ...skipped.map(({ address, reason }) => `${address}: ${reason}`)].join('; ')
  if (report.addresses.some(({ state: { kind } }) => kind !== 'filtered' && kind !== 'resolved')) {
    const message = `could not dial ${target}: ${why}`
    // One that was left out might have connected: so what failed is not the only reason.
    if (skipped.some(({ reason }) => rankedOut.test(reason))) {
      return new DialError(message, { attempts, skipped, cause: attempts[0]?.error })
    }
    return dialErrorOf(message, attempts, skipped)
  }
  if (skipped.some(({ reason }) => reason === deniedByGater)) {
    return new DialDeniedError(`the connection gater denied every address of ${target}: ${why}`, { skipped })
  }
  return new NoValidAddressesError(`no address of ${target} can be dialed: ${why || 'none is known'}`, { skipped })
}

/** The dial was ended from outside, as by the stop of the node: an error of that error's name, with the facts. */
export function dialEnded(cause: Error, report: DialReport<unknown>): DialFailure {
  if (isDialError(cause)) return cause
  const { name, message, code } = cause as Error & { code?: unknown }
  return new DialError(message, { name, ...(typeof code === 'string' ? { code } : {}), cause, ...dialFacts(report) })
}

/** A caller's time was over before the dial was. It has the facts of `dialFailed`. */
export function dialTooSlow(target: string, limit: number, report: DialReport<unknown>): DialError {
  const message = `the dial of ${target} took more than ${limit} ms`
  return new DialError(message, { name: 'TimeoutError', code: 'ERR_TIMEOUT', ...dialFacts(report) })
}

/** So many dials run or wait that this one was refused. */
export function tooManyDials(dials: number): DialError {
  return new DialError(`${dials} dials run or wait (option connectionManager.maxDialQueueLength)`)
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
