/**
 * Runs `run` with `Error.stackTraceLimit` at 0, and gives back what it gives. For synchronous calls into the platform that
 * throw and catch an error of their own on each call: on Node 24 the stack trace of that one is two thirds of what
 * `crypto.createPublicKey` costs. Where `Error` is frozen it runs all the same.
 */
export function withoutStackTraces<T>(run: () => T): T {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit')
  // Reflect, because an assignment to a frozen object throws.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return run()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit)
  }
}
