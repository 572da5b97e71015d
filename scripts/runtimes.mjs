// `npm run test:runtimes`: weft on Bun and Deno (runtimes/README.md). Arguments: `bun` or `deno` for one of them; --short
// leaves out the contract suites; --no-build.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { install } from '../interop/lib/setup.mjs'
import { bundleSources } from './bundle.mjs'
import { ensureBuilt, ensureInstalled, writeResults } from './ensure.mjs'
import { exampleNames, runExample } from './example-runs.mjs'
import { root, workspaceFolders } from './manifests.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, 'no-build': { type: 'boolean', default: false } }
})

// A program that hangs fails by itself.
const timeLimit = 120_000
const folder = path.join(root, 'runtimes')
const bin = (name, file) => path.join(folder, 'node_modules', name, file)
const runtimes = {
  bun: { command: bin('@oven/bun-linux-x64', 'bin/bun'), args: [] },
  deno: { command: bin('@deno/linux-x64-glibc', 'deno'), args: ['run', '-A', '--node-modules-dir=manual', '--no-lock'] }
}
// What a runtime itself does not do yet, by test files and names in them; printed with the result.
const known = {
  bun: {},
  deno: {
    'packages/crypto/secio/test/secio.node.test.ts': { names: 'P-521', why: 'its node:crypto has no such curve' },
    'packages/crypto/tls/test/socket.node.test.ts': {
      names: 'noticed: (flip|cut|silence)|is the connection itself',
      why: 'its node:tls tells of a broken handshake in other words'
    },
    'packages/crypto/tls/test/tls.node.test.ts': { why: 'its node:tls throws where a socket ends in the handshake' }
  }
}
const chosen = positionals.length > 0 ? positionals : Object.keys(runtimes)

await ensureInstalled()
install(folder)
if (!values['no-build']) await ensureBuilt()

// Inside the root, where the programs find the packages.
const made = path.join(folder, 'made')
rmSync(made, { recursive: true, force: true })
mkdirSync(made, { recursive: true })

const programs = [
  ['README program', readmeProgram()],
  ['64 MiB there and back', path.join(folder, 'echo.mjs')]
]
let [passed, failed] = [0, 0]
for (const name of chosen) {
  const { command, args } = runtimes[name]
  const suites = values.short ? [] : await bundleSuites(name)
  for (const [what, file] of programs) {
    const { code, output } = await execute(command, [...args, file])
    tell(`${name}: ${what}`, code === 0, output)
  }
  for (const example of exampleNames) {
    const { ok, output } = await runExample(example, command, args)
    tell(`${name}: example ${example}`, ok, output)
  }
  for (const [what, file] of suites) {
    const { names, why } = known[name][what] ?? {}
    if (why !== undefined) console.log(`left out: ${name}: ${what}${names === undefined ? '' : `, ${names}`}: ${why}`)
    if (why !== undefined && names === undefined) continue
    const { code, output } = await execute(command, [...args, path.join(folder, 'suites.mjs'), names ?? '', file])
    const counts = JSON.parse(/^\{"passed".*\}$/m.exec(output)?.[0] ?? '{"passed":0,"failed":1,"skipped":0}')
    const [tests, skipped] = [counts.passed + counts.failed, counts.skipped > 0 ? `, ${counts.skipped} skipped` : '']
    tell(`${name}: ${what}, ${counts.passed} of ${tests} tests${skipped}`, code === 0, code === 0 ? '' : output)
  }
}
writeResults('runtimes', passed, failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function tell(what, ok, output) {
  if (ok) passed++
  else failed++
  console.log(`${ok ? 'ok' : 'FAILED'}: ${what}`)
  for (const line of output.trim().split('\n')) if (line !== '') console.log(`    ${line}`)
}

/** The first program of the README, as it stands there. */
function readmeProgram() {
  const [, text] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(path.join(root, 'README.md'), 'utf8'))
  const file = path.join(made, 'readme.ts')
  writeFileSync(file, text)
  return file
}

/** The test files that run a contract suite of transports, channels or muxers. */
async function bundleSuites(runtime) {
  const uses = /^\s*(transport|cryptoChannel|channelFault|streamMuxer)\w*Suite\(/m
  const groups = ['packages/transports/', 'packages/crypto/', 'packages/muxers/']
  const useRunner = {
    name: 'use-runner',
    setup: build =>
      build.onResolve({ filter: /^vitest$/ }, () => ({ path: path.join(folder, 'vitest.mjs'), external: true }))
  }
  const suites = []
  for (const workspace of workspaceFolders().filter(name => groups.some(group => name.startsWith(group)))) {
    for (const file of readdirSync(path.join(root, workspace), { recursive: true, encoding: 'utf8' }).sort()) {
      const source = path.join(root, workspace, file)
      if (!/^(src|test)\/.*(?<!\.browser)\.test\.ts$/.test(file) || !uses.test(readFileSync(source, 'utf8'))) continue
      const what = `${workspace}/${file}`
      const out = path.join(made, `${runtime}-${what.replaceAll('/', '-')}.mjs`)
      await bundleSources(source, out, [useRunner], [runtime])
      suites.push([what, out])
    }
  }
  return suites
}

function execute(command, args) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks = []
    const limit = setTimeout(() => {
      chunks.push(Buffer.from(`\ndid not end within ${timeLimit / 1000} s\n`))
      child.kill('SIGKILL')
    }, timeLimit)
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    child.on('error', error => resolve({ code: 1, output: error.message }))
    child.on('close', code => {
      clearTimeout(limit)
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() })
    })
  })
}
