// Brings a clone to the point where its scripts can run: installed packages, compiled output. Uses node: modules only,
// because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './manifests.mjs'

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

/** Installs what package-lock.json names, where that is not what node_modules holds. */
export function ensureInstalled() {
  if (isInstalled()) return
  console.log('installing packages')
  // `npm ci` refuses a lock file that was written where the registry has no packages for other platforms; this takes
  // the same locked versions, checks the same hashes, and leaves the lock file as it is.
  const code = run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'])
  if (code !== 0) process.exit(code)
}

/** Compiles what changed since the last time (`tsc -b` keeps track). */
export function ensureBuilt() {
  const code = run(process.execPath, [tool('typescript', 'bin/tsc'), '-b'])
  if (code !== 0) process.exit(code)
}

/** Writes `results/<name>.json`, which .ci/run adds up. */
export function writeResults(name, passed, failed) {
  mkdirSync(path.join(root, 'results'), { recursive: true })
  writeFileSync(path.join(root, 'results', `${name}.json`), `${JSON.stringify({ passed, failed })}\n`)
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
