// `npm run test:postgres`: the record store in PostgreSQL, against a server that the tests start in a temporary folder. Takes
// the server of Debian's packages, and installs it where it is missing and may be; without it one line says so.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { ensureInstalled, run, tool, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'
import { countTests } from './vitest-report.mjs'

const versions = '/usr/lib/postgresql'

await ensureInstalled()
let programs = find()
if (programs === undefined && process.getuid?.() === 0) {
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], { stdio: 'ignore' })
  programs = find()
}
if (programs === undefined) {
  console.log('PostgreSQL is not here, and cannot be installed: nothing was tested (apt-get install postgresql)')
  process.exit(77)
}

const report = path.join(root, 'results/postgres-report.json')
rmSync(report, { force: true })
const args = ['run', '--root', path.join(root, 'packages/records/pg-record-store')]
const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`]
const env = { ...process.env, WEFT_POSTGRES: programs }
const code = run(process.execPath, [tool('vitest', 'vitest.mjs'), ...args, ...reporters], { env })
const { passed, failed } = countTests(report)
const total = code !== 0 && failed === 0 ? 1 : failed
writeResults('postgres', passed, total)
console.log(`${passed} passed, ${total} failed`)
process.exit(total === 0 && passed > 0 ? 0 : 1)

/** The folder of the newest server, or undefined. */
function find() {
  if (!existsSync(versions)) return undefined
  const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))
  return newest.map(version => path.join(versions, version, 'bin')).find(bin => existsSync(path.join(bin, 'postgres')))
}
