// One side of a measurement. The parent calls its methods over IPC: serve, the measures, push, opening, idle, memory, cpu, delay.
// `weft@folder` is weft as it is in another tree.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { idle, measures, opening, pushWarm } from './measures.mjs'

const [which, channel, muxer, ...services] = process.argv.slice(2)
const [impl, tree] = which.split('@')
const libp2p = async parts => (await import('./libp2p.mjs')).libp2p(parts, { channel, muxer, services })

const stacks = {
  weft: async () => libp2p((await import(weftParts())).parts),
  js: async () => libp2p((await import('../../interop/js-libp2p/parts.mjs')).parts),
  net: async () => (await import('./sockets.mjs')).sockets(false),
  tls: async () => (await import('./sockets.mjs')).sockets(true)
}

function weftParts() {
  const own = '../../interop/weft/parts.mjs'
  return tree === undefined ? own : pathToFileURL(path.join(tree, 'interop/weft/parts.mjs')).href
}

const stack = await stacks[impl]()
const kept = []
const delays = monitorEventLoopDelay({ resolution: 1 })
let cpuBefore = process.cpuUsage()

const methods = {
  serve: () => stack.serve(),
  measure: ({ name, address, ms }) => measures[name](stack, address, ms),
  push: ({ address, ms, size, width }) => pushWarm(stack, address, ms, size, width),
  opening: ({ address, count }) => opening(stack, address, count),
  async idle({ address, count }) {
    kept.push(...(await idle(stack, address, count)))
    return kept.length
  },
  async memory() {
    for (let i = 0; i < 4; i++) {
      await new Promise(resolve => setTimeout(resolve, 100))
      globalThis.gc()
    }
    const { heapUsed, rss } = process.memoryUsage()
    return { heap: heapUsed, rss }
  },
  /** Microseconds since the last call. */
  cpu() {
    const { user, system } = process.cpuUsage(cpuBefore)
    cpuBefore = process.cpuUsage()
    return user + system
  },
  /** The 99th percentile since the last call, microseconds. */
  delay() {
    const p99 = delays.percentile(99) / 1000
    delays.reset()
    delays.enable()
    return p99
  }
}

process.on('message', async ({ method, params }) => {
  try {
    process.send({ result: await methods[method](params) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})
process.on('disconnect', () => process.exit(0))
