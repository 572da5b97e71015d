// How long a user waits for `weft ping`: from the start of its process to the line with the answer, as it is published and
// as the source tree runs it, both on the Node of the comparison.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bundleCommand } from '../../scripts/bundle-command.mjs'
import { root } from '../../scripts/manifests.mjs'
import { median } from './plan.mjs'

const LIMIT_MS = 30_000
const compiled = path.join(root, 'apps/cli/dist/main.js')

/** Medians in ms of `count` processes each: `{ published, source }`; of what is published, the first fills V8's cache. */
export async function pingCommand(node, count) {
  const work = mkdtempSync(path.join(os.tmpdir(), 'weft-command-'))
  // Inside the root, from where the packages of others are found.
  const published = path.join(root, '.weft', `command-${process.pid}`)
  const env = { ...process.env, XDG_CACHE_HOME: work }
  try {
    await bundleCommand(path.join(published, 'bundle'))
    mkdirSync(published, { recursive: true })
    copyFileSync(compiled, path.join(published, 'main.js'))
    const listening = start(node, [compiled, 'node', '-l', '/ip4/127.0.0.1/tcp/0', '-d', path.join(work, 'node')], env)
    try {
      const address = await listening.line
      const times = { published: [], source: [] }
      for (let i = 0; i <= count; i++) {
        for (const [name, main] of [
          ['published', path.join(published, 'main.js')],
          ['source', compiled]
        ]) {
          const began = performance.now()
          const ping = start(node, [main, 'ping', address, '-c', '1'], env)
          await ping.line
          if (i > 0) times[name].push(performance.now() - began)
          // V8's cache is written as it ends.
          await ping.ended
        }
      }
      return { published: median(times.published), source: median(times.source) }
    } finally {
      listening.kill()
    }
  } finally {
    for (const folder of [work, published]) rmSync(folder, { recursive: true, force: true })
  }
}

/** A process, and its first line. */
function start(command, args, env) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  let timer
  const line = new Promise((resolve, reject) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', more => {
      text += more
      if (text.includes('\n')) resolve(text.split('\n')[0])
    })
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`${args.join(' ')} ended with ${code}`)))
    timer = setTimeout(() => reject(new Error(`${args.join(' ')} said nothing`)), LIMIT_MS)
  }).finally(() => clearTimeout(timer))
  line.catch(() => {})
  const ended = new Promise(resolve => child.once('close', resolve))
  return { line, ended, kill: () => child.kill('SIGKILL') }
}
