import type { ClearableSignal } from '@libp2p/interface'
import { onAbort } from '@weft/interface-connection'

/** A time limit beside signals. */
export interface Deadline {
  /** Milliseconds. */
  after: number
  /** The reason that the signal then has. */
  reason: () => Error
}

/**
 * A signal that fires with the first of several, or at a deadline. `clear()` lets go of all of them: it is called when
 * the operation has ended, or they would be held as long as the longest-lived of them.
 */
export function linkSignals(sources: ReadonlyArray<AbortSignal | undefined>, deadline?: Deadline): ClearableSignal {
  const controller = new AbortController()
  const timer =
    deadline === undefined || deadline.after === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => controller.abort(deadline.reason()), deadline.after)
  const forget = sources.map(source => {
    const abort = (): void => controller.abort(source?.reason)
    if (source?.aborted === true) abort()
    else if (source !== undefined) return onAbort(source, abort)
    return undefined
  })
  const clear = (): void => {
    clearTimeout(timer)
    for (const leave of forget) leave?.()
  }
  return Object.assign(controller.signal, { clear })
}
