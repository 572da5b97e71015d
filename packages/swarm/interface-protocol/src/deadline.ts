import type { AbortOptions } from '@libp2p/interface'
import { abortReason, throwIfAborted, TimeoutError } from '@weft/errors'
import { onAbort, raceSignal } from '@weft/interface-connection'

/** What ends an operation. */
export interface DeadlineOptions extends AbortOptions {
  /** Milliseconds that the operation may take, all of it. */
  timeout: number
  /** What it is called in the error: `'a ping'`. */
  operation: string
}

/**
 * Runs an operation under one deadline. `work` gets a signal that fires at the deadline, with a `TimeoutError`, or with the
 * caller's signal; then the result rejects too, also where `work` does not look at its signal. The timer ends with the work.
 */
export async function withDeadline<T>(
  { timeout, operation, signal: outer }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  throwIfAborted(outer)
  const controller = new AbortController()
  const timer = setTimeout(() => {
    const facts = { milliseconds: timeout }
    controller.abort(new TimeoutError(`${operation} did not finish within ${timeout} ms`, { facts }))
  }, timeout)
  const forget = outer && onAbort(outer, () => controller.abort(abortReason(outer)))
  try {
    return await raceSignal(work(controller.signal), controller.signal)
  } finally {
    clearTimeout(timer)
    forget?.()
  }
}
