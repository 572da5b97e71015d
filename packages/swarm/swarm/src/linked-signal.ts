import type { ClearableSignal } from '@libp2p/interface'

/**
 * A signal that fires when the first of the given ones does, with its reason. `clear()` lets go of them, so that a
 * long-lived one does not keep what short operations leave behind.
 */
export function linkSignals(...signals: Array<AbortSignal | undefined>): ClearableSignal {
  const controller = new AbortController()
  const listened: Array<[AbortSignal, () => void]> = []
  const clear = (): void => {
    for (const [signal, listener] of listened.splice(0)) signal.removeEventListener('abort', listener)
  }
  for (const signal of signals) {
    if (signal === undefined) continue
    if (signal.aborted) controller.abort(signal.reason)
    if (controller.signal.aborted) break
    const listener = (): void => {
      clear()
      controller.abort(signal.reason)
    }
    signal.addEventListener('abort', listener)
    listened.push([signal, listener])
  }
  if (controller.signal.aborted) clear()
  return Object.assign(controller.signal, { clear })
}
