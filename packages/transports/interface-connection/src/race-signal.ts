import { abortReason } from '@weft/errors'
import { onAbort } from './on-abort.ts'

/**
 * `promise`, or the signal's reason if that comes first. Costs nothing without a signal. The result counts as handled:
 * a caller that ignores it does not end the process.
 */
export function raceSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const result = signal === undefined ? promise : race(promise, signal)
  result.catch(() => {})
  return result
}

function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => {})
      reject(abortReason(signal))
      return
    }
    const forget = onAbort(signal, () => reject(abortReason(signal)))
    promise.then(resolve, reject).finally(forget)
  })
}
