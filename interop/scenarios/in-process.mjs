// Cells that mix both implementations in one process. They need the newer Node, so they run in a child process.
import { fork } from 'node:child_process'
import path from 'node:path'
import { newNode, root } from '../lib/setup.mjs'

/** Limit for all of them together; each cell has its own as well. */
const LIMIT_MS = 150_000

export async function inProcess(cells, { impl, only }) {
  const args = ['--impl', impl, ...(only === undefined ? [] : ['--only', only])]
  const child = fork(path.join(root, 'interop/scenarios/in-process-main.mjs'), args, { execPath: newNode })
  child.on('message', result => cells.add(result))
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const code = await new Promise(resolve => child.once('exit', resolve))
  clearTimeout(timer)
  if (code !== 0) cells.add({ group: 'in one process', name: 'all', ok: false, ms: 0, error: `ended with ${code}` })
}
