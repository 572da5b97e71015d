interface ProgressListener {
  // The events of all operations: the caller's type says which it takes.
  onProgress?: ((event: never) => void) | undefined
}

/** Tells `onProgress` of a step, if there is one. What it throws reaches the operation. */
export function progress(options: ProgressListener, type: string, detail?: unknown): void {
  if (options.onProgress !== undefined) options.onProgress(progressEvent(type, detail))
}

/** The event of a step, for a listener of any type. */
export function progressEvent(type: string, detail?: unknown): never {
  return new CustomEvent(type, { detail }) as never
}
