/** The assertions that contract suites use: vitest and jest have them all. */
export interface Expectation {
  toBe(value: unknown): void
  toEqual(value: unknown): void
  toMatchObject(value: object): void
  toBeGreaterThan(value: number): void
  toBeLessThanOrEqual(value: number): void
  toContain(value: unknown): void
  toThrow(expected?: unknown): void
  readonly not: Expectation
  readonly rejects: { toMatchObject(value: object): Promise<void> }
}

/** A test runner, given to a suite as its first argument, so that no suite depends on one. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => void
  readonly it: (name: string, body: () => void | Promise<void>) => void
  readonly expect: (value: unknown) => Expectation
}
