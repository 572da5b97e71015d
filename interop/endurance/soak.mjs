// Connects, echoes and closes or aborts, over and over, between two nodes of one process; then counts what is left.
// Run by scripts/soak.mjs with --expose-gc.
import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createNode, until } from '../lib/node.mjs'
import { receive, sendAll } from '../lib/streams.mjs'
import { Checks } from './checks.mjs'

/** Both ends together; what a connection may leave behind. */
const MAX_SLOPE_BYTES = 50

const SAMPLES = 25
/** The first part of the run fills caches; it is not part of the fit. */
const WARM_UP = 0.3
/** Timers of a second, such as that of `connection.close()`, still hold what the last cycles used. */
const SETTLE_MS = 1200

const { values } = parseArgs({
  options: { impl: { type: 'string', default: 'weft' }, cycles: { type: 'string', default: '5000' } }
})
const cycles = Number(values.cycles)
const { parts } = await import(values.impl === 'js' ? '../js-libp2p/parts.mjs' : '../weft/parts.mjs')
const rejections = []
process.on('unhandledRejection', error => rejections.push(String(error?.stack ?? error)))

/** The ways a connection ends here; each of them closes both sides. */
const endings = [
  async connection => connection.close(),
  async connection => connection.abort(new Error('soak')),
  async connection => {
    const stream = await connection.newStream('/echo/1.0.0')
    stream.abort(new Error('soak'))
    await connection.close()
  },
  async (_, listener) => Promise.all(listener.getConnections().map(connection => connection.close())),
  async (_, listener) => {
    for (const connection of listener.getConnections()) connection.abort(new Error('soak'))
  }
]

// what loading the modules has opened is closed by then
await new Promise(resolve => setTimeout(resolve, 200))
const { text: idle } = await handles()
// the first nodes also open file descriptors that the process keeps
await run(endings.length, () => {})
const before = await settled()
const samples = []
const every = Math.max(1, Math.floor(cycles / SAMPLES))
const started = Date.now()
await run(cycles, async done => {
  if (done % every === 0) samples.push([done, await heap()])
})
const perSecond = cycles / ((Date.now() - started) / 1000)
const after = await settled()

const checks = new Checks()
const fitted = samples.slice(Math.floor(samples.length * WARM_UP))
const bytes = slope(fitted)
checks.check('unhandled rejections', rejections.length === 0, rejections.length === 0 ? 0 : rejections.join('\n'))
checks.check('open handles, before and after', after.text === idle, `${idle} / ${after.text}`)
checks.check('file descriptors, before and after', before.fds === after.fds, `${before.fds} / ${after.fds}`)
checks.check(`heap slope <= ${MAX_SLOPE_BYTES} B a cycle`, bytes <= MAX_SLOPE_BYTES, `${bytes.toFixed(1)} B`)
process.stdout.write(`${cycles} cycles, ${perSecond.toFixed(0)} a second\n`)
checks.finish('soak.json', { cycles, perSecond, slope: bytes, samples })

async function run(count, onCycle) {
  const dialer = await createNode(parts, { listen: false })
  const listener = await createNode(parts)
  for (let i = 0; i < count; i++) {
    await cycle(dialer, listener, endings[i % endings.length])
    await onCycle(i + 1)
  }
  await Promise.all([dialer.stop(), listener.stop()])
}

async function cycle(dialer, listener, end) {
  const connection = await dialer.dial(parts.multiaddr(listener.getMultiaddrs()[0].toString()))
  const stream = await connection.newStream('/echo/1.0.0')
  let received = 0
  const echoed = receive(stream, piece => {
    received += piece.length
  })
  echoed.catch(() => {})
  await sendAll(stream, [new Uint8Array(1024)])
  await until(() => received === 1024, { every: 1, what: 'the echo' })
  await stream.close()
  await echoed
  await end(connection, listener)
  await until(() => dialer.getConnections().length + listener.getConnections().length === 0, {
    every: 1,
    what: 'both ends being closed'
  })
}

async function heap() {
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise(resolve => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

async function handles() {
  const counts = {}
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1
  const text = JSON.stringify(Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))))
  return { text, fds: readdirSync('/proc/self/fd').length }
}

/** Sockets close a little after they are told to; a leak stays. */
async function settled() {
  const deadline = Date.now() + 5000
  for (;;) {
    const now = await handles()
    if (now.text === idle || Date.now() > deadline) return now
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

/** Theil-Sen, the median slope of all pairs: bytes per cycle. A sample in which a cache has just grown does not tip it. */
function slope(points) {
  const slopes = points.flatMap(([cycle, used], i) =>
    points.slice(i + 1).map(([laterCycle, laterUsed]) => (laterUsed - used) / (laterCycle - cycle))
  )
  slopes.sort((a, b) => a - b)
  return slopes[slopes.length >> 1]
}
