/**
 * Runs `run` with `Error.stackTraceLimit` set to 0 and returns its result. For synchronous platform calls that
 * internally throw and catch an error on each call: on Node 24 its stack trace is two thirds of the cost of
 * `crypto.createPublicKey`. Also works if `Error` is frozen.
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
