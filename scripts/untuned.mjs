// `npm run test:untuned`: the contract suites, and the tests of whole nodes, with WEFT_TUNING=off: without the bets on the
// insides of V8, glibc and Node (packages/generic/bytes/src/tuning.node.ts). One file at a time. Arguments go to vitest.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { ensureInstalled, run, tool, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'
import { countTests } from './vitest-report.mjs'

// Every channel under every muxer, which also runs over TCP: the bets on sockets are tested there.
const left = ['packages/libp2p/test/crossing-memory.node.test.ts']

await ensureInstalled()
const report = path.join(root, 'results/untuned-report.json')
rmSync(report, { force: true })

const files = testFiles('packages').filter(file => isMeant(file) && !left.includes(file))
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const projects = ['--project', 'node', '--project', 'node-isolated', '--maxWorkers=1']
const args = ['run', ...projects, ...reporters, ...process.argv.slice(2), ...files]
const code = run(process.execPath, [tool('vitest', 'vitest.mjs'), ...args], {
  env: { ...process.env, WEFT_TUNING: 'off' }
})

const { passed, failed } = countTests(report)
// An error outside of any test fails the run without failing a test.
const total = code !== 0 && failed === 0 ? 1 : failed
writeResults('untuned', passed, total)
console.log(`${passed} passed, ${total} failed`)
process.exit(total === 0 && passed > 0 ? 0 : 1)

/** Tests of whole nodes, and what calls a contract suite. */
function isMeant(file) {
  return file.startsWith('packages/libp2p/test/') || /\b\w+Suite\(/.test(readFileSync(path.join(root, file), 'utf8'))
}

function testFiles(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .flatMap(entry => {
      const file = `${folder}/${entry.name}`
      if (entry.isDirectory()) return testFiles(file)
      return entry.name.endsWith('.test.ts') && !entry.name.endsWith('.browser.test.ts') ? [file] : []
    })
}
