// `npm run lint`: every check that runs no test. Prints a line for each, with its output where it failed.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { ensureInstalled, tool, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'

// Two at a time: most of them load the TypeScript program, of 1 GB at most, on one core.
const width = 2

const script = name => path.join(root, 'scripts', name)
const build = ['build', tool('typescript', 'bin/tsc'), '-b']
const checks = [
  ['check-api-docs', script('check-api-docs.mjs')],
  ['check-docs', script('check-docs.mjs')],
  ['docs', script('docs.mjs')],
  ['oxlint', tool('oxlint', 'bin/oxlint'), '--tsconfig', 'tsconfig.check.json', '--deny-warnings'],
  ['biome format', tool('@biomejs/biome', 'bin/biome'), 'format', '.'],
  ['dependency-cruiser', tool('dependency-cruiser', 'bin/dependency-cruise.mjs'), 'packages', 'apps'],
  ['knip', tool('knip', 'bin/knip.js'), '--no-progress', '--no-config-hints'],
  ['check-copies', script('check-copies.mjs')],
  ['check-manifests', script('check-manifests.mjs')],
  ['check-specification', script('check-specification.mjs')],
  ['check-packaging', script('check-packaging.mjs')],
  ['limits-table', script('limits-table.mjs'), '--check'],
  ['sync-tsconfig', script('sync-tsconfig.mjs'), '--check']
]

await ensureInstalled()

const waiting = [...checks]
const failed = []
let passed = 0
// Some checks read what is compiled.
await check(build)
await Promise.all(Array.from({ length: width }, worker))
writeResults('lint', passed, failed.length)
console.log(`${passed} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)

async function worker() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(next)
}

async function check([name, ...args]) {
  const began = performance.now()
  const { code, output } = await execute(args)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (code === 0) passed++
  else failed.push(name)
  console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`)
  if (code !== 0) console.log(output)
}

function execute(args) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    child.on('error', error => resolve({ code: 1, output: error.message }))
    child.on('close', code => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })
}
