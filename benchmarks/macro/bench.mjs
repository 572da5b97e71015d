// Runs the measures, each in two fresh processes, round by round and implementation by implementation.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { newNode } from '../../interop/lib/setup.mjs'

/**
 * name -> title, unit, whether less is better, and who has it (raw sockets have no streams). `measure` is what is run where
 * that is not the name, `channel` what the connections are secured by where that is not Noise, `muxer` what
 * carries their streams where that is not Yamux.
 */
export const catalogue = {
  throughput: { title: 'throughput, one stream', unit: 'MB/s' },
  streams: { title: 'open-echo-close, one at a time', unit: '/s', muxed: true },
  streams100: { title: 'open-echo-close, 100 at once', unit: '/s', muxed: true },
  roundTrip: { title: 'round trip on an open stream', unit: 'us', less: true },
  handshakes: { title: 'dial and close', unit: '/s' },
  throughputTls: { title: 'throughput, one stream, TLS', unit: 'MB/s', measure: 'throughput', channel: 'tls' },
  handshakesTls: { title: 'dial and close, TLS', unit: '/s', measure: 'handshakes', channel: 'tls' },
  throughputSecio: { title: 'throughput, one stream, SECIO', unit: 'MB/s', measure: 'throughput', channel: 'secio' },
  handshakesSecio: { title: 'dial and close, SECIO', unit: '/s', measure: 'handshakes', channel: 'secio' },
  throughputSpdy: { title: 'throughput, one stream, SPDY', unit: 'MB/s', measure: 'throughput', muxer: 'spdy' },
  heapServer: { title: 'heap per idle connection, listener', unit: 'B', less: true, memory: true },
  heapClient: { title: 'heap per idle connection, dialer', unit: 'B', less: true, memory: true },
  rssServer: { title: 'RSS per idle connection, listener', unit: 'B', less: true, memory: true },
  rssClient: { title: 'RSS per idle connection, dialer', unit: 'B', less: true, memory: true }
}

/** A measurement that takes longer than this has hung. */
const LIMIT_MS = 60_000

/** Returns measure -> implementation -> one number per round. */
export async function bench({ impls, names, rounds, ms = 3000, connections = 1000, onProgress }) {
  const values = Object.fromEntries(names.map(name => [name, Object.fromEntries(impls.map(impl => [impl, []]))]))
  const steps = [
    ...names.filter(name => !catalogue[name].memory),
    ...(names.some(n => catalogue[n].memory) ? ['idle'] : [])
  ]
  for (let round = 0; round < rounds; round++) {
    for (const step of steps) {
      for (const impl of rotated(impls, round)) {
        if (!has(impl, step)) continue
        onProgress(`round ${round + 1}: ${step} ${impl}`)
        const found = step === 'idle' ? await memory(impl, connections) : { [step]: await timed(impl, step, ms) }
        for (const name of names) if (name in found) values[name][impl].push(found[name])
      }
    }
  }
  return values
}

/** measure -> implementation -> the median of its rounds, undefined where there are none. */
export function mediansOf(values) {
  const each = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
  return each(values, impls => each(impls, rounds => rounds.toSorted((a, b) => a - b)[rounds.length >> 1]))
}

function has(impl, step) {
  const { muxed, channel, muxer } = catalogue[step] ?? {}
  if (impl === 'weft') return true
  const historical = channel === 'secio' || muxer === 'spdy'
  if (impl === 'js') return !historical
  return !muxed && !historical && (impl === 'tls' || channel === undefined)
}

async function timed(impl, name, ms) {
  const { measure = name, channel = 'noise', muxer = 'yamux' } = catalogue[name]
  return withTwo(impl, channel, muxer, async (server, client) => {
    const address = await server('serve')
    return client('measure', { name: measure, address, ms })
  })
}

async function memory(impl, count) {
  return withTwo(impl, 'noise', 'yamux', async (server, client) => {
    const address = await server('serve')
    // the first connections also load code, which is not theirs
    await client('idle', { address, count: 20 })
    const before = [await server('memory'), await client('memory')]
    await client('idle', { address, count })
    const after = [await server('memory'), await client('memory')]
    const each = (side, key) => (after[side][key] - before[side][key]) / count
    return {
      heapServer: each(0, 'heap'),
      heapClient: each(1, 'heap'),
      rssServer: each(0, 'rss'),
      rssClient: each(1, 'rss')
    }
  })
}

async function withTwo(impl, channel, muxer, body) {
  const children = [start(impl, channel, muxer), start(impl, channel, muxer)]
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${impl}: not done within ${LIMIT_MS} ms`)), LIMIT_MS)
  })
  try {
    return await Promise.race([body(caller(children[0]), caller(children[1])), limit])
  } finally {
    clearTimeout(timer)
    for (const child of children) child.kill('SIGKILL')
  }
}

function start(impl, channel, muxer) {
  const worker = fileURLToPath(new URL('worker.mjs', import.meta.url))
  return fork(worker, [impl, channel, muxer], { execPath: newNode, execArgv: ['--expose-gc'] })
}

/** One call at a time. */
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

function rotated(list, by) {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
