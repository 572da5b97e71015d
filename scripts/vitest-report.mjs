// Reads what vitest's JSON reporter wrote.
import { existsSync, readFileSync } from 'node:fs'

/** Tests that passed and failed. A file that does not load has failed without any test of it having run. */
export function countTests(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const broken = testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')
  )
  return { passed: numPassedTests, failed: numFailedTests + broken.length }
}
