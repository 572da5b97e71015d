import { DialError, TimeoutError, WeftError, type WeftErrorOptions } from '@weft/errors'
import type { AddressReport, DialReport, DialStage } from './core/dial-scheduler/model.ts'

/** The connection manager refused an inbound connection. */
export class ConnectionDeniedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('ConnectionDeniedError', 'ERR_CONNECTION_DENIED', message, options)
  }
}

/** The connection gater refused a connection. */
export class ConnectionInterceptedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('ConnectionInterceptedError', 'ERR_CONNECTION_INTERCEPTED', message, options)
  }
}

/** No encryption could be agreed, or its handshake failed: `cause` says why. */
export class EncryptionFailedError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('EncryptionFailedError', 'ERR_ENCRYPTION_FAILED', message, options)
  }
}

/** No muxer could be agreed, or the connection has none. */
export class MuxerUnavailableError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('MuxerUnavailableError', 'ERR_MUXER_UNAVAILABLE', message, options)
  }
}

/** A protocol has a handler already. */
export class DuplicateProtocolHandlerError extends WeftError {
  constructor(protocol: string) {
    super('DuplicateProtocolHandlerError', 'ERR_PROTOCOL_HANDLER_EXISTS', `${protocol} has a handler already`, {
      facts: { protocol }
    })
  }
}

/** A protocol has no handler. */
export class UnhandledProtocolError extends WeftError {
  constructor(protocol: string) {
    super('UnhandledProtocolError', 'ERR_NO_HANDLER_FOR_PROTOCOL', `${protocol} has no handler`, {
      facts: { protocol }
    })
  }
}

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
  /** Milliseconds that it took. */
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
  /** Why: a filter, its back-off, or that the dial was decided before its turn. */
  reason: string
}

/**
 * No address of a dial led to a connection: `attempts` lists those that failed with their causes, `errors` the causes
 * alone, `skipped` the other addresses. It is a `NoValidAddressesError` where there was none to try.
 */
export function dialFailed(target: string, { addresses }: DialReport<unknown>): WeftError {
  const { attempts, skipped } = dialFacts(addresses)
  const lines = attempts.map(
    ({ address, elapsed, error }) => `${address} after ${Math.round(elapsed)} ms: ${error.message}`
  )
  const why = [...lines, ...skipped.map(({ address, reason }) => `${address}: ${reason}`)].join('; ')
  if (!addresses.some(({ state }) => state.kind !== 'filtered')) {
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
export function dialTooSlow(target: string, limit: number, { addresses }: DialReport<unknown>): TimeoutError {
  return new TimeoutError(`the dial of ${target} took more than ${limit} ms`, { facts: { ...dialFacts(addresses) } })
}

function dialFacts(addresses: readonly AddressReport[]): { attempts: DialAttempt[]; skipped: SkippedAddress[] } {
  const attempts: DialAttempt[] = []
  const skipped: SkippedAddress[] = []
  for (const { text: address, source, state } of addresses) {
    if (state.kind === 'failed') {
      const { stage, elapsed, error } = state
      attempts.push({ address, source, stage, elapsed, error })
    } else skipped.push({ address, source, reason: 'reason' in state ? state.reason : `it was ${state.kind}` })
  }
  return { attempts, skipped }
}
