import { AbortError } from './libp2p-errors.ts'

/**
 * The reason of a signal as an error: the reason itself if it is an error, otherwise an `AbortError` with it as the
 * cause.
 */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  if (reason instanceof Error) return reason
  return new AbortError(undefined, { cause: reason })
}

/** Throws the signal's reason if it has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortReason(signal)
}
