// Runs the public compliance suites against what an adapter names (README.md).
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import Mocha from 'mocha'
import { replacePackages } from './lib/alias.mjs'

/** Some of the suites' stress tests open a thousand streams and move 100 MiB. */
const TEST_LIMIT_MS = 60_000

const { values } = parseArgs({
  options: {
    adapter: { type: 'string', default: 'weft' },
    only: { type: 'string' },
    grep: { type: 'string' },
    reporter: { type: 'string', default: 'dot' },
    json: { type: 'string' }
  }
})
const say = line => process.stdout.write(`${line}\n`)

const { adapter } = await import(`./adapters/${values.adapter}.mjs`)
replacePackages(adapter.alias)
const { groups } = await import('./lib/suites.mjs')

const mocha = new Mocha({ timeout: TEST_LIMIT_MS, reporter: values.reporter, grep: values.grep })
mocha.suite.emit('pre-require', globalThis, null, mocha)
const only = values.only?.split(',')
for (const [group, define] of Object.entries(groups)) {
  const wanted = name => only === undefined || only.includes(group) || only.includes(`${group}/${name}`)
  const entries = Object.entries(adapter[group] ?? {}).filter(([name]) => wanted(name))
  if (entries.length > 0) await define(entries)
}

const rows = new Map()
const failures = []
const row = test => {
  let suite = test.parent
  while (!suite.parent.root) suite = suite.parent
  if (!rows.has(suite.title)) rows.set(suite.title, { passed: 0, failed: 0, skipped: 0 })
  return rows.get(suite.title)
}

mocha
  .run(() => {
    const total = { passed: 0, failed: 0, skipped: 0 }
    say(`\nNode ${process.version}, ${adapter.name}`)
    for (const [title, counts] of rows) {
      say(`  ${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
      for (const key of Object.keys(total)) total[key] += counts[key]
    }
    if (values.json !== undefined) {
      mkdirSync(path.dirname(values.json), { recursive: true })
      const result = { ...total, node: process.version, suites: Object.fromEntries(rows), failures }
      writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
    }
    if (total.skipped > 0) say(`${total.skipped} skipped`)
    say(`${total.passed} passed, ${total.failed} failed`)
    process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1)
  })
  .on('pass', test => row(test).passed++)
  .on('pending', test => row(test).skipped++)
  .on('fail', (test, error) => {
    row(test).failed++
    failures.push({ title: test.fullTitle(), error: String(error?.stack ?? error) })
  })
