// Runs the measures, each in two fresh processes, round by round and implementation by implementation.
import { within, withTwo } from './two-processes.mjs'

/**
 * name -> title, unit, whether less is better. `measure` is what is run where that is not the name, and measures of the same
 * one are taken together; `channel` is what the connections are secured by where that is not Noise, `muxer` what carries their
 * streams where that is not Yamux, `muxed` says that sockets alone cannot do it. `raw` is what the sockets under it give.
 */
export const catalogue = {
  throughput: { title: 'throughput, one stream', unit: 'MB/s', raw: 'tls' },
  small: { title: '128-byte sends, one stream', unit: 'MB/s', raw: 'tls' },
  streams: { title: 'open-echo-close, one at a time', unit: '/s', muxed: true },
  streams100: { title: 'open-echo-close, 100 at once', unit: '/s', muxed: true },
  roundTrip: { title: 'round trip on an open stream', unit: 'us', less: true, raw: 'tls' },
  handshakes: { title: 'dial and close', unit: '/s', raw: 'tls' },
  throughputTls: {
    title: 'throughput, one stream, TLS',
    unit: 'MB/s',
    measure: 'throughput',
    channel: 'tls',
    raw: 'tls'
  },
  handshakesTls: { title: 'dial and close, TLS', unit: '/s', measure: 'handshakes', channel: 'tls', raw: 'tls' },
  throughputPlaintext: {
    title: 'throughput, one stream, plaintext',
    unit: 'MB/s',
    measure: 'throughput',
    channel: 'plaintext',
    raw: 'net'
  },
  throughputSecio: { title: 'throughput, one stream, SECIO', unit: 'MB/s', measure: 'throughput', channel: 'secio' },
  handshakesSecio: { title: 'dial and close, SECIO', unit: '/s', measure: 'handshakes', channel: 'secio' },
  throughputSpdy: { title: 'throughput, one stream, SPDY', unit: 'MB/s', measure: 'throughput', muxer: 'spdy' },
  written100: { title: 'open-echo-close as users write it, 100 at once', unit: '/s', muxed: true },
  writtenPlaintext: {
    title: 'throughput as users write it, plaintext',
    unit: 'MB/s',
    measure: 'written',
    channel: 'plaintext',
    muxed: true
  },
  cold: { title: 'first 64 MiB of a process', unit: 'MB/s', muxed: true },
  coldPlaintext: {
    title: 'first 64 MiB of a process, plaintext',
    unit: 'MB/s',
    measure: 'cold',
    channel: 'plaintext',
    muxed: true
  },
  delaySender: { title: 'loop delay p99, 64 streams, sender', unit: 'us', less: true, measure: 'delay', muxed: true },
  delayReceiver: {
    title: 'loop delay p99, 64 streams, receiver',
    unit: 'us',
    less: true,
    measure: 'delay',
    muxed: true
  },
  cpuServer: { title: 'CPU per connection, listener', unit: 'us', less: true, measure: 'idle', raw: 'tls' },
  heapServer: { title: 'heap per idle connection, listener', unit: 'B', less: true, measure: 'idle', raw: 'tls' },
  heapClient: { title: 'heap per idle connection, dialer', unit: 'B', less: true, measure: 'idle', raw: 'tls' },
  rssServer: { title: 'RSS per idle connection, listener', unit: 'B', less: true, measure: 'idle', raw: 'tls' },
  rssClient: { title: 'RSS per idle connection, dialer', unit: 'B', less: true, measure: 'idle', raw: 'tls' },
  rssServerTls: {
    title: 'RSS per idle connection, TLS, listener',
    unit: 'B',
    less: true,
    measure: 'idle',
    key: 'rssServer',
    channel: 'tls',
    raw: 'tls'
  }
}

/** A measurement that takes longer than this has hung; so has one connection of those that are opened one by one. */
const LIMIT_MS = 120_000
const CONNECTION_LIMIT_MS = 100

/** Returns name -> implementation -> one number per round. What `onFailure` takes without throwing is left out. */
export async function bench({ impls, names, rounds, ms = 3000, connections = 5000, onProgress, onFailure = rethrow }) {
  const values = Object.fromEntries(names.map(name => [name, Object.fromEntries(impls.map(impl => [impl, []]))]))
  for (let round = 0; round < rounds; round++) {
    for (const step of stepsOf(names)) {
      const limit = step.measure === 'idle' ? LIMIT_MS + connections * CONNECTION_LIMIT_MS : LIMIT_MS
      for (const impl of rotated(impls, round)) {
        if (!has(impl, step)) continue
        onProgress(`round ${round + 1}: ${step.names[0]} ${impl}`)
        const found = await withTwo(impl, partsOf(step), (server, client) =>
          within(limit, run(server, client, step.measure, ms, connections), impl)
        ).catch(error => onFailure(`${step.names[0]} of ${impl}, round ${round + 1}`, error))
        if (found === undefined) continue
        for (const name of step.names) values[name][impl].push(found[catalogue[name].key ?? name] ?? found.value)
      }
    }
  }
  return values
}

function rethrow(_what, error) {
  throw error
}

/** What has to be run for these figures: `{ measure, channel, muxer, muxed, names }`, each once. */
export function stepsOf(names) {
  const steps = new Map()
  for (const name of names) {
    const { measure = name, channel = 'noise', muxer = 'yamux', muxed = false } = catalogue[name]
    const key = `${measure} ${channel} ${muxer}`
    if (steps.has(key)) steps.get(key).names.push(name)
    else steps.set(key, { measure, channel, muxer, muxed, names: [name] })
  }
  return [...steps.values()]
}

/** measure -> implementation -> the median of its rounds, undefined where there are none. */
export function mediansOf(values) {
  const each = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
  return each(values, impls => each(impls, rounds => rounds.toSorted((a, b) => a - b)[rounds.length >> 1]))
}

function has(impl, { channel, muxer, muxed }) {
  if (impl.startsWith('weft')) return true
  const historical = channel === 'secio' || muxer === 'spdy'
  if (historical || impl === 'js') return !historical
  // Beside Noise stand both.
  return !muxed && (channel === 'noise' || channel === (impl === 'tls' ? 'tls' : 'plaintext'))
}

/** The figures of one run by their names, or one as `value`. */
async function run(server, client, measure, ms, connections) {
  const address = await server('serve')
  if (measure === 'idle') return idle(server, client, address, connections)
  if (measure === 'delay') return delay(server, client, address, ms)
  return { value: await client('measure', { name: measure, address, ms }) }
}

async function idle(server, client, address, count) {
  // the first connections also load code, which is not theirs
  await client('idle', { address, count: 20 })
  const before = [await server('memory'), await client('memory')]
  await server('cpu')
  await client('idle', { address, count })
  const cpu = await server('cpu')
  const after = [await server('memory'), await client('memory')]
  const each = (side, key) => (after[side][key] - before[side][key]) / count
  return {
    cpuServer: cpu / count,
    heapServer: each(0, 'heap'),
    heapClient: each(1, 'heap'),
    rssServer: each(0, 'rss'),
    rssClient: each(1, 'rss')
  }
}

async function delay(server, client, address, ms) {
  // the first bytes also load code, which is not theirs
  await client('measure', { name: 'throughput64', address, ms: ms / 4 })
  for (const side of [server, client]) await side('delay')
  await client('measure', { name: 'throughput64', address, ms })
  return { delaySender: await client('delay'), delayReceiver: await server('delay') }
}

/** Idle connections are those of a whole node: who is there has been asked. */
function partsOf({ measure, channel, muxer }) {
  return { channel, muxer, services: measure === 'idle' ? ['identify'] : [] }
}

/** The list from another place each time: who comes first changes from round to round. */
export function rotated(list, by) {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
