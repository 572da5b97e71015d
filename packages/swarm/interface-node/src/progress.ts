interface ProgressListener {
  // The events of all operations: the caller's type says which it takes.
  onProgress?: ((event: never) => void) | undefined
}

/** Tells `onProgress` of a step, if there is one. What it throws reaches the operation. */
export function progress(options: ProgressListener, type: string, detail?: unknown): void {
  if (options.onProgress !== undefined) tellProgress(options.onProgress, progressEvent(type, detail))
}

/** Tells a listener of a step. The operation does not wait for one that is `async`: `onRejected` hears of its failure. */
export function tellProgress(
  onProgress: ((event: never) => unknown) | undefined,
  event: unknown,
  onRejected: (error: unknown) => void = () => {}
): void {
  const result = onProgress?.(event as never)
  if (result instanceof Promise) result.catch(onRejected)
}

/** The event of a step, for a listener of any type. */
export function progressEvent(type: string, detail?: unknown): never {
  return new CustomEvent(type, { detail }) as never
}
