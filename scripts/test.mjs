// `npm test`: type check, then all tests in Node and, where Chromium is found, in Chromium. Arguments go to vitest.
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { ensureInstalled, run, tool, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'
import { countTests } from './vitest-report.mjs'

await ensureInstalled()

const report = path.join(root, 'results/vitest.json')
rmSync(report, { force: true })

const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
if (!existsSync(chromium)) {
  console.log(`no Chromium at ${chromium} (set CHROMIUM_PATH): the tests run in Node only`)
}

const typesCode = run(process.execPath, [tool('typescript', 'bin/tsc'), '-p', 'tsconfig.check.json'])
if (typesCode !== 0) console.log('the type check failed')

const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]
const testsCode = run(process.execPath, [tool('vitest', 'vitest.mjs'), ...args])

const { passed, failed } = countTests(report)
const failures = failed + (typesCode === 0 ? 0 : 1)
// An error outside of any test fails the run without failing a test.
const total = testsCode !== 0 && failed === 0 ? failures + 1 : failures
writeResults('test', passed, total)
console.log(`${passed} passed, ${total} failed`)
process.exit(total === 0 ? 0 : 1)
