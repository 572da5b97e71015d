// Runs js-libp2p's public compliance suites against weft on Node 24 (compliance/README.md). Options go to compliance/run.mjs.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { install, installJsLibp2p, newNode, root } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const compliance = path.join(root, 'compliance')
const args = process.argv.slice(2)

await ensureInstalled()
installJsLibp2p()
install(compliance)
if (!args.includes('js-libp2p')) await ensureBuilt()

const runner = [
  newNode,
  path.join(compliance, 'run.mjs'),
  '--json',
  path.join(root, 'results/compliance.json'),
  ...args
]
const [command, ...rest] = isolated(runner)
const { status } = spawnSync(command, rest, { stdio: 'inherit', cwd: compliance })
process.exit(status ?? 1)

/** With only a loopback interface where the system allows that, so that no test depends on the machine's network. */
function isolated(command) {
  const loopback = ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
  if (spawnSync(loopback[0], [...loopback.slice(1), 'true']).status === 0) return [...loopback, ...command]
  process.stdout.write('no network namespace here: running on the machine itself, loopback addresses only\n')
  return command
}
