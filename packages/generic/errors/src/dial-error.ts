// The errors of a dial. They have js-libp2p's names for each failure, so dial errors are recognised by a brand.
import { WeftError, type WeftErrorOptions } from './weft-error.ts'

/** The brand of every error with which a dial rejects, whatever its name and whichever copy of this package made it. */
export const dialErrorSymbol: unique symbol = Symbol.for('@weft/dial-error') as never

/**
 * The stage that an address had reached when it ended. `resolve`: name resolution, or it was filtered; `wait`: queued;
 * `connect`: dialed by the transport; `negotiate`: negotiation of the channel; `secure`: the channel's handshake;
 * `mux`: negotiation of the muxer; `identify`: connected, identify runs.
 */
export type DialStage = 'resolve' | 'wait' | 'connect' | 'negotiate' | 'secure' | 'mux' | 'identify'

/** An address whose attempt failed. */
export interface DialAttempt {
  /** The address, as text. */
  address: string
  /** Its source: `caller`, `peer-store`, `routing`, `joiner`, or the address that it was resolved from. */
  source: string
  /** The stage that the attempt reached. */
  stage: DialStage
  /** Milliseconds from its start to its failure. */
  elapsed: number
  /** Why it failed. */
  error: Error
}

/** An address that was not dialed, or whose attempt was cancelled. */
export interface SkippedAddress {
  /** The address, as text. */
  address: string
  /** Who brought it. */
  source: string
  /** The stage that it reached: `resolve` if it was filtered, `wait` if it was never dialed. */
  stage: DialStage
  /** Milliseconds since it was started, or since it arrived if it never was. */
  elapsed: number
  /** The reason: a filter, its back-off, or that the dial ended before its turn. */
  reason: string
}

/** The outcome for each address of a dial. */
export interface DialFacts {
  /** The addresses that failed, in the order in which they came. */
  attempts: readonly DialAttempt[]
  /** The other addresses. */
  skipped: readonly SkippedAddress[]
  /** The errors of `attempts`. */
  errors: readonly Error[]
}

/** An error with which a dial rejects, whatever its name: see `isDialError`. */
export interface DialFailure extends Error, DialFacts {
  /** That of the reason, or `ERR_DIAL` for several. */
  readonly code: string
}

/** Name, code and facts of a dial's error. */
export interface DialErrorOptions extends WeftErrorOptions {
  /** `DialError` by default. */
  name?: string
  /** `ERR_DIAL` by default. */
  code?: string
  /** Addresses that failed. Default none. */
  attempts?: readonly DialAttempt[]
  /** Addresses that were not tried. Default none. */
  skipped?: readonly SkippedAddress[]
}

/**
 * A dial failed for one reason. `name` is js-libp2p's name of that reason; it is `DialError` if the dial could not
 * start because the queue is full.
 */
export class DialError extends WeftError implements DialFacts {
  /** The addresses that failed, in the order in which they came. */
  readonly attempts: readonly DialAttempt[]
  /** The other addresses. */
  readonly skipped: readonly SkippedAddress[]
  /** The errors of `attempts`. */
  readonly errors: readonly Error[]

  constructor(message: string = 'The dial failed', options: DialErrorOptions = {}) {
    const { name = 'DialError', code = 'ERR_DIAL', attempts = [], skipped = [] } = options
    super(name, code, message, options)
    this.attempts = attempts
    this.skipped = skipped
    this.errors = attempts.map(({ error }) => error)
    brand(this)
  }
}

/**
 * Whether an error is that of a dial that failed because of its addresses, its peer, a limit or a timeout: it then has
 * `attempts`, `skipped` and `errors`, whatever its `name`. False for the reason of a caller's own signal.
 */
export function isDialError(error: unknown): error is DialFailure {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[dialErrorSymbol] === true
}

/**
 * Creates the error of a dial from its attempts. If all failed for one reason, by the names of their errors: an error
 * of that name and code, with the first of them as the cause and their common fields; a `DialError` if it has no name.
 * For several reasons: an `AggregateError`, by name and prototype. Without attempts: a `DialError`.
 */
export function dialErrorOf(
  message: string,
  attempts: readonly DialAttempt[],
  skipped: readonly SkippedAddress[]
): DialFailure {
  const errors = attempts.map(({ error }) => error)
  const names = new Set(errors.map(({ name }) => name))
  if (names.size > 1) {
    const several = new AggregateError(errors, message)
    // An own field, as in the other errors.
    Object.assign(several, { name: 'AggregateError', code: 'ERR_DIAL', attempts, skipped })
    brand(several)
    return several as unknown as DialFailure
  }
  const [cause] = errors
  if (cause === undefined) return new DialError(message, { attempts, skipped })
  const { name, code } = cause as Error & { code?: unknown }
  const options = { attempts, skipped, cause, facts: commonFacts(errors) }
  if (name === 'Error') return new DialError(message, options)
  return new DialError(message, { ...options, name, code: typeof code === 'string' ? code : 'ERR_DIAL' })
}

const ownFields: ReadonlySet<string> = new Set([
  'name',
  'code',
  'message',
  'stack',
  'cause',
  'attempts',
  'skipped',
  'errors'
])

/** Fields common to all, such as the limit: so a guard by name guarantees the fields of that name. */
function commonFacts([first, ...others]: readonly Error[]): Record<string, unknown> {
  const facts: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(first ?? {})) {
    const isCommon = others.every(other => (other as unknown as Record<string, unknown>)[field] === value)
    if (isCommon && !ownFields.has(field)) facts[field] = value
  }
  return facts
}

function brand(error: Error): void {
  Object.defineProperty(error, dialErrorSymbol, { value: true })
}
