import { TimeoutError } from '@weft/errors'

/** Gives `work` a signal that fires after `timeout` milliseconds. The timer ends with the work. */
export async function withDeadline<T>(timeout: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(new TimeoutError(`identify did not finish within ${timeout} ms`))
  }, timeout)
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
  }
}
