/**
 * Where calls come in that nobody above can catch: from timers, immediates, microtasks and the system. What throws there
 * would end the process; here it ends the connection or stream that it concerns.
 */
import type { Logger } from '@libp2p/interface'
import { asError } from '@weft/errors'

/** Who answers for a call that throws. */
export interface Guarded {
  /** Where it is told, once, at `error` level. */
  readonly log: Logger
  /** Ends what the call belonged to. Absent where that is the node itself, which goes on. */
  abort?(error: Error): void
}

// Faults pass through many layers, and each of them may tell. Held weakly: nothing is kept alive by having been told.
const told = new WeakSet<Error>()

/** Tells of a fault at `error` level, with its causes, unless it was told before: `what` says what it has cost. */
export function logFault(log: Logger, what: string, error: Error, ...facts: unknown[]): void {
  if (told.has(error)) return
  told.add(error)
  try {
    log.error(`${what} - %e`, ...facts, error)
  } catch {
    // A logger that throws has no place where this could be told.
  }
}

/** Runs `task`. What it throws is logged and ends `owner`. Never throws. */
export function guard(owner: Guarded, task: () => void): void {
  try {
    task()
  } catch (error) {
    breakOff(owner, error)
  }
}

/** `task` as a callback that never throws: what it throws is logged and ends `owner`. */
export function guarded<Arg = void>(owner: Guarded, task: (arg: Arg) => void): (arg: Arg) => void {
  return arg => {
    try {
      task(arg)
    } catch (error) {
      breakOff(owner, error)
    }
  }
}

/** Logs what was thrown and ends `owner` with it. Never throws. */
export function breakOff(owner: Guarded, thrown: unknown): void {
  const error = asError(thrown)
  try {
    logFault(owner.log, 'broken off, as a callback threw', error)
    owner.abort?.(error)
  } catch (failure) {
    logFault(owner.log, 'could not be broken off', asError(failure))
  }
}
