/** Paths from the root of the test files that run alone, in order, each with its reason. */
export function isolatedTests(): Map<string, string>
