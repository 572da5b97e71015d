/** A signal that fires with the caller's, or after a time. `clear` releases the timer and the caller's signal. */
import { abortReason, TimeoutError } from '@weft/errors'

export interface Deadline {
  readonly signal: AbortSignal
  /** Rejects when the signal fires, for what does not look at it. */
  readonly over: Promise<never>
  abort(reason: Error): void
  clear(): void
}

/** `what` is named in the error of the timeout. */
export function deadline(what: string, timeout: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const { signal } = controller
  const abort = (reason: Error): void => controller.abort(reason)
  const timer = setTimeout(() => abort(new TimeoutError(`${what} did not answer within ${timeout} ms`)), timeout)
  const onOuter = (): void => abort(abortReason(outer!))
  if (outer?.aborted === true) onOuter()
  else outer?.addEventListener('abort', onOuter, { once: true })
  const over = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(abortReason(signal))
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
  // Nobody need wait for it.
  over.catch(() => {})
  const clear = (): void => {
    clearTimeout(timer)
    outer?.removeEventListener('abort', onOuter)
  }
  return { signal, over, abort, clear }
}
