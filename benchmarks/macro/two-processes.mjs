// The two processes of a measurement: ./worker.mjs as server and as client, on the same Node.
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { newNode } from '../../interop/lib/setup.mjs'

const worker = fileURLToPath(new URL('worker.mjs', import.meta.url))

/** Runs `body(server, client)`, each of which calls a worker's method, one at a time. Both processes end with it. */
export async function withTwo(impl, { channel = 'noise', muxer = 'yamux', services = [] }, body) {
  // weft alone needs no js-libp2p, which brings the newer Node along.
  const execPath = existsSync(newNode) ? newNode : process.execPath
  const start = () => fork(worker, [impl, channel, muxer, ...services], { execPath, execArgv: ['--expose-gc'] })
  const children = [start(), start()]
  try {
    return await body(...children.map(caller))
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

/** What `promise` resolves with, or a rejection after `ms`. */
export async function within(ms, promise, what) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}

function caller(child) {
  return (method, params) =>
    new Promise((resolve, reject) => {
      const ended = code => reject(new Error(`the worker ended with ${code}`))
      child.once('exit', ended)
      child.once('message', ({ result, error }) => {
        child.off('exit', ended)
        if (error === undefined) resolve(result)
        else reject(new Error(error))
      })
      child.send({ method, params })
    })
}
