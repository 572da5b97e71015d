// The global is a getter in Node, which takes as long again as the clock.
const { performance } = globalThis

/** Milliseconds since some moment in the past. */
export function now(): number {
  return performance.now()
}
