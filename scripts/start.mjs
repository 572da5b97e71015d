// `npm start`: installs and compiles where needed, then runs a node; arguments go to `weft node`. package.json calls it
// by `exec`: a shell in between would turn Ctrl-C into its own exit code, and keep SIGTERM to itself.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import path from 'node:path'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'
import { root } from './manifests.mjs'

// A terminal's Ctrl-C reaches the child by itself; a signal to npm alone does not. Only a child that still runs after
// this time (ms) is sent a copy, so the usual Ctrl-C arrives once.
const forwardAfter = 250

await ensureInstalled()
await ensureBuilt()

const main = path.join(root, 'apps/cli/dist/main.js')
const child = spawn(process.execPath, [main, 'node', ...process.argv.slice(2)], { stdio: 'inherit' })
let forwarding = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (forwarding) return
    forwarding = true
    setTimeout(() => child.kill(signal), forwardAfter).unref()
  })
}
child.on('error', error => {
  console.error(error.message)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
