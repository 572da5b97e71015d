// `npm run test:properties`: the property tests of state machines, `*.properties.test.ts`, with many more runs than in
// `npm test`. Options: --runs of each property (default 10,000), --long for 100,000; other arguments go to vitest.
import { rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled, run, tool, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'
import { countTests } from './vitest-report.mjs'

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string' }, long: { type: 'boolean', default: false } },
  allowPositionals: true
})
const runs = Number(values.runs ?? process.env.WEFT_RUNS ?? (values.long ? 100_000 : 10_000))
if (!(Number.isInteger(runs) && runs > 0)) throw new Error('--runs takes a number of runs')

await ensureInstalled()
const report = path.join(root, 'results/properties-report.json')
rmSync(report, { force: true })
// The stage of CI has the time limit.
const limits = ['--testTimeout=3600000', '--hookTimeout=3600000']
const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`]
const filters = positionals.length > 0 ? positionals : ['.properties.test.ts']
const args = ['run', '--project', 'node', '--project', 'node-isolated', ...limits, ...reporters, ...filters]
const code = run(process.execPath, [tool('vitest', 'vitest.mjs'), ...args], {
  env: { ...process.env, WEFT_RUNS: String(runs) }
})

const { passed, failed } = countTests(report)
// An error outside of any test fails the run without failing a test.
const total = code !== 0 && failed === 0 ? 1 : failed
writeResults('properties', passed, total)
console.log(`${runs} runs of a property, fewer where a run takes long`)
console.log(`${passed} passed, ${total} failed`)
process.exit(total === 0 && passed > 0 ? 0 : 1)
