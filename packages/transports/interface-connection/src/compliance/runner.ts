/** The assertions that contract suites use: vitest and jest have them all. */
export interface Expectation {
  /** The value itself, compared by `Object.is`. */
  toBe(value: unknown): void
  /** The same content. */
  toEqual(value: unknown): void
  /** An object that has these properties, and maybe more. */
  toMatchObject(value: object): void
  /** A number above `value`. */
  toBeGreaterThan(value: number): void
  /** A number of at most `value`. */
  toBeLessThanOrEqual(value: number): void
  /** A list that has this very item, or a text that has this part. */
  toContain(value: unknown): void
  /** A function that throws; `expected` is the class, or part of the message, of what it throws. */
  toThrow(expected?: unknown): void
  /** The opposite of what follows. */
  readonly not: Expectation
  /** For a promise that must be rejected: what follows is about its reason. */
  readonly rejects: { toMatchObject(value: object): Promise<void> }
}

/** A test runner, given to a suite as its first argument, so that no suite depends on one. */
export interface TestRunner {
  /** Groups the tests that `body` declares. */
  readonly describe: (name: string, body: () => void) => void
  /** Declares a test, which fails if `body` throws or rejects. */
  readonly it: (name: string, body: () => void | Promise<void>) => void
  /** Begins an assertion about `value`. */
  readonly expect: (value: unknown) => Expectation
}
