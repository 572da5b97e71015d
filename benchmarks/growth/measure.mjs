// The figures of one question for one implementation, from two fresh processes.
import { within, withTwo } from '../macro/two-processes.mjs'
import { questions } from './plan.mjs'
import { throughProxy } from './through-proxy.mjs'

const CHUNK = 65_536

/**
 * Calls `keep(point, figures)` after each point. A point that fails, or is not done in time, ends the step: its error has it as
 * `point`.
 */
export async function measure(impl, { question, points }, { ms, dials }, keep) {
  const services = question === 'connections' ? ['identify'] : []
  await withTwo(impl, { services }, async (server, client) => {
    const address = await within(questions[question].limitMs(0), server('serve'), 'the start')
    const take = takers[question]({ server, client, address, ms, dials })
    for (const point of points) {
      try {
        keep(point, await within(questions[question].limitMs(point), take(point), question))
      } catch (error) {
        throw Object.assign(error, { point })
      }
    }
  })
}

/** Each gives a function from a point to its figures. */
const takers = {
  streams:
    ({ client, address, ms }) =>
    async width => ({ throughput: await client('push', { address, ms, size: CHUNK, width }) }),

  messages:
    ({ client, address, ms }) =>
    async size => ({ throughput: await client('push', { address, ms, size, width: 1 }) }),

  connections({ server, client, address, dials }) {
    let before
    let open = 0
    return async count => {
      // the first connections also load code, which is not theirs
      if (before === undefined) await client('opening', { address, count: 20 })
      before ??= await memories(server, client)
      await client('idle', { address, count: count - open })
      open = count
      const after = await memories(server, client)
      const kilobytes = Object.keys(after).map(key => [key, (after[key] - before[key]) / count / 1000])
      return { ...Object.fromEntries(kilobytes), opening: await client('opening', { address, count: dials }) }
    }
  },

  latency:
    ({ client, address, ms }) =>
    latency =>
      throughProxy(address, latency, async proxied => {
        const run = name => client('measure', { name, address: proxied, ms })
        const roundTrip = (await run('roundTrip')) / 1000
        const openEchoClose = 1000 / (await run('streams'))
        return { roundTrip, openEchoClose, throughput: await run('throughput') }
      })
}

async function memories(server, client) {
  const [atServer, atClient] = [await server('memory'), await client('memory')]
  return { heapServer: atServer.heap, heapClient: atClient.heap, rssServer: atServer.rss, rssClient: atClient.rss }
}
