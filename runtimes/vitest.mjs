// What the files of the contract suites use of vitest, on any runtime: its own runner and matchers, without its workers.
import {
  chai,
  getState,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState
} from '@vitest/expect'
import { getCurrentTest } from '@vitest/runner'
import { spyOn } from '@vitest/spy'

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, onTestFinished, test } from '@vitest/runner'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

export function expect(value, message) {
  const assertion = chai.expect(value, message)
  const test = getCurrentTest()
  return test === undefined ? assertion : assertion.withTest(test)
}
Object.assign(expect, chai.expect, globalThis[Symbol.for('$$asymmetric-matchers-object')])
expect.getState = () => getState(expect)
expect.setState = state => setState(state, expect)
expect.unreachable = message => chai.assert.fail(message ?? 'this point was not to be reached')
globalThis[GLOBAL_EXPECT] = expect
setState({ assertionCalls: 0, isExpectingAssertions: false, currentTestName: '' }, expect)

/** What stands in the error of a test that this runner has no means for; it counts as skipped. */
export const noMeans = 'needs a clock of vitest'

export const vi = {
  spyOn,
  async waitFor(check, { timeout = 1_000, interval = 50 } = {}) {
    for (const end = performance.now() + timeout; ; ) {
      try {
        return await check()
      } catch (error) {
        if (performance.now() > end) throw error
        await new Promise(resolve => setTimeout(resolve, interval))
      }
    }
  },
  useFakeTimers() {
    throw new Error(noMeans)
  },
  useRealTimers() {}
}
