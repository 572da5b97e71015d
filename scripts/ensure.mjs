// Brings a clone to the point where its scripts can run: installed packages, compiled output. Uses node: modules only,
// because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './manifests.mjs'

// What takes less (ms) is not worth a line.
const quiet = 1_000

/** Runs a command in the root with this process's streams; returns its exit code. */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error !== undefined) throw error
  return signal === null ? status : 1
}

/** Path of a tool's entry in node_modules, to be run by `process.execPath`: no shell and no npx between. */
export function tool(name, file) {
  return path.join(root, 'node_modules', name, file)
}

/** Installs what package-lock.json names, where that is not what node_modules holds. Ends the process if it cannot. */
export async function ensureInstalled() {
  if (isInstalled()) return
  await step('installing packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'])
}

/** Compiles what changed since the last time (`tsc -b` keeps track). Ends the process if it cannot. */
export async function ensureBuilt() {
  const pretty = process.stdout.isTTY ? ['--pretty'] : []
  await step('compiling', process.execPath, [tool('typescript', 'bin/tsc'), '-b', ...pretty])
}

/** Writes `results/<name>.json`, which .ci/run adds up. */
export function writeResults(name, passed, failed) {
  mkdirSync(path.join(root, 'results'), { recursive: true })
  writeFileSync(path.join(root, 'results', `${name}.json`), `${JSON.stringify({ passed, failed })}\n`)
}

/**
 * Runs a command that may take a while: says what it does after a second, on a terminal with the seconds as they pass,
 * and at the end how many it took. What the command prints is shown only if it fails, and then ends the process.
 */
async function step(doing, command, args) {
  const began = performance.now()
  const elapsed = () => `${Math.round((performance.now() - began) / 1000)} s`
  const { stderr } = process
  let told = false
  const tell = setInterval(() => {
    if (stderr.isTTY) stderr.write(`\r${doing}: ${elapsed()}`)
    else if (!told) stderr.write(`${doing}\n`)
    told = true
  }, quiet)
  const { code, output } = await collect(command, args)
  clearInterval(tell)
  if (told) stderr.write(`${stderr.isTTY ? '\r' : ''}${doing}: ${code === 0 ? 'done' : 'failed'} after ${elapsed()}\n`)
  if (code === 0) return
  stderr.write(output)
  process.exit(code)
}

function collect(command, args) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    child.on('error', error => resolve({ code: 1, output: `${command}: ${error.message}\n` }))
    child.on('close', code => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })
}

// By content, not by age: a checkout changes ages without changing what is needed.
function isInstalled() {
  const installedFile = path.join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedFile)) return false
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  for (const [where, entry] of Object.entries(wanted)) {
    if (!where.includes('node_modules/')) continue
    const there = installed[where]
    // Optional entries are for other platforms where they are absent.
    if (there === undefined && entry.optional !== true && entry.peer !== true) return false
    if (there !== undefined && (there.version !== entry.version || there.integrity !== entry.integrity)) return false
  }
  return true
}
