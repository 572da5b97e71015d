// The errors of a dial. Their names are those that js-libp2p gives to what happened, so a dial error is known by a brand.
import { WeftError, type WeftErrorOptions } from './weft-error.ts'

/** The brand of every error with which a dial rejects, of whichever name and copy of this package. */
export const dialErrorSymbol: unique symbol = Symbol.for('@weft/dial-error') as never

/**
 * How far an address came: the stage that it was in as it ended. `resolve`: it was looked up, or filtered; `wait`: it
 * waited for its turn; `connect`: the transport dialed; `negotiate`: the remote had yet to agree on a channel; `secure`:
 * the handshake of that; `mux`: the choice of a muxer; `identify`: the connection is up, and what follows is identify's.
 */
export type DialStage = 'resolve' | 'wait' | 'connect' | 'negotiate' | 'secure' | 'mux' | 'identify'

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

/** What became of each address of a dial. */
export interface DialFacts {
  /** The addresses that failed, in the order in which they came. */
  attempts: readonly DialAttempt[]
  /** The other addresses. */
  skipped: readonly SkippedAddress[]
  /** The errors of `attempts`. */
  errors: readonly Error[]
}

/** An error with which a dial rejects, of any name: see `isDialError`. */
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
 * A dial failed for one reason. `name` is that reason's, as js-libp2p names it; a dial that could not begin, as too many
 * wait, is a `DialError` by name too.
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
 * Whether a dial rejected with this, because of its addresses, its peer, a limit or its time: then it lists `attempts`,
 * `skipped` and `errors`, whatever its `name`. The reason of a caller's own signal is none.
 */
export function isDialError(error: unknown): error is DialFailure {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[dialErrorSymbol] === true
}

/**
 * The error of a dial whose attempts are known. One reason, by the names of their errors: an error of that name and code,
 * with the first of them as the cause, and the fields that they have in common; a `DialError` if it has no name. Several: an `AggregateError`, by name and prototype. No attempt: a `DialError`.
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
    // An own field, as every other error here has it.
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

/** What all say, such as which limit it was: a guard by name finds the fields that go with the name. */
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
