// A signal that ends many streams has one listener for all of them: Node takes more than ten for a leak, and says so.
const waiting = new WeakMap<AbortSignal, Waiting>()

interface Waiting {
  callbacks: Set<() => void>
  listener: () => void
}

/** Calls `callback` when the signal fires, which it has not yet. Returns what takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = waiting.get(signal) ?? listen(signal)
  callbacks.add(callback)
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return
    signal.removeEventListener('abort', listener)
    waiting.delete(signal)
  }
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>()
  const listener = (): void => {
    waiting.delete(signal)
    for (const callback of callbacks) callback()
  }
  const entry = { callbacks, listener }
  waiting.set(signal, entry)
  signal.addEventListener('abort', listener, { once: true })
  return entry
}
