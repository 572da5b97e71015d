// The node under attack: as its users make one, all options at their defaults but the port. It says over IPC how it fares.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { echo } from '@weft/echo'
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { mplex } from '@weft/multiplex'
import { perf } from '@weft/perf'
import { secio } from '@weft/secio'
import { spdy } from '@weft/spdy'
import { yamux } from '@weft/yamux'
import { answer, settings } from './lib/answer.mjs'
import { memoryInUse } from './lib/memory.mjs'
import { slowReader } from './lib/slow-reader.mjs'

const LOOP_RESOLUTION_MS = 5
const WATCH_INTERVAL_MS = 20

const uncaught = []
process.on('uncaughtException', error => uncaught.push(String(error.stack ?? error)))
process.on('unhandledRejection', error => uncaught.push(String(error?.stack ?? error)))

const muxers = new Set()
const defaults = nodeDefaults()
const node = await createLibp2p({
  ...defaults,
  addresses: { listen: [`/ip4/0.0.0.0/tcp/${settings.port}`] },
  // The default muxer, looked at; others only where they are what is attacked (F5, idle-frames). perf serves more streams where it
  // is the source of many (F4).
  streamMuxers: [
    watched(yamux()),
    ...(settings.mplex === true ? [mplex()] : []),
    ...(settings.spdy === true ? [spdy()] : [])
  ],
  ...(settings.secio === true ? { connectionEncrypters: [secio()] } : {}),
  connectionManager: {
    ...(settings.perAddress === undefined ? {} : { maxConnectionsPerAddress: settings.perAddress }),
    ...(settings.exempt === undefined ? {} : { exempt: settings.exempt })
  },
  services: { ...defaults.services, echo: echo(), perf: perf({ maxInboundStreams: settings.perfStreams ?? 1 }) }
})
const reader = await slowReader(node)

const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
delay.enable()
let peaks = {}
let watch

/** Remembers the muxers that a factory makes, to see what waits in them. */
function watched(make) {
  return components => {
    const factory = make(components)
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection) {
        const muxer = factory.createStreamMuxer(connection)
        muxers.add(new WeakRef(muxer))
        return muxer
      }
    }
  }
}

/** The most that one connection has not given to its socket yet: in its streams and in its muxer. */
function mostUnsent() {
  let most = 0
  for (const reference of muxers) {
    const muxer = reference.deref()
    if (muxer === undefined || muxer.status === 'closed') {
      muxers.delete(reference)
      continue
    }
    let bytes = muxer.writer.byteLength
    for (const stream of muxer.streams) bytes += stream.writeBufferLength
    most = Math.max(most, bytes)
  }
  return most
}

/** The most that one socket has, and the system has not taken. */
function mostInSocket() {
  const sockets = process._getActiveHandles().filter(handle => handle.remoteAddress !== undefined)
  return Math.max(0, ...sockets.map(socket => socket.writableLength))
}

function observe() {
  const connections = node.getConnections()
  const { external, arrayBuffers, heapUsed } = process.memoryUsage()
  const streams = connections.map(
    connection => connection.streams.filter(({ direction }) => direction === 'inbound').length
  )
  peaks.connections = Math.max(peaks.connections ?? 0, connections.length)
  peaks.streams = Math.max(peaks.streams ?? 0, ...streams)
  peaks.unsent = Math.max(peaks.unsent ?? 0, mostUnsent())
  peaks.inSocket = Math.max(peaks.inSocket ?? 0, mostInSocket())
  peaks.buffers = Math.max(peaks.buffers ?? 0, external, arrayBuffers)
  peaks.heap = Math.max(peaks.heap ?? 0, heapUsed)
}

answer({
  ready: () => ({ peerId: node.peerId.toString() }),
  /** Begins a measurement: everything is forgotten that was. */
  mark({ observed = false }) {
    clearInterval(watch)
    watch = observed ? setInterval(observe, WATCH_INTERVAL_MS) : undefined
    peaks = {}
    delay.reset()
    return process.cpuUsage()
  },
  report() {
    const ms = value => Math.max(0, value / 1e6 - LOOP_RESOLUTION_MS)
    return {
      loop: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
      peaks,
      connections: node.getConnections().map(({ remoteAddr, streams }) => ({
        from: remoteAddr.toString(),
        streams: streams.length
      })),
      cpu: process.cpuUsage(),
      uncaught
    }
  },
  /** Bytes in use after garbage collection. */
  memory: memoryInUse,
  /** The most that one connection holds of what came in, and all of them, in bytes. */
  unread() {
    const held = node.components.resourceManager.usage().filter(({ scope }) => scope === 'connection')
    const amounts = held.map(({ used }) => used.memory)
    return { most: Math.max(0, ...amounts), all: amounts.reduce((sum, bytes) => sum + bytes, 0) }
  },
  /** What the node holds of the memory that it may, in bytes. */
  held() {
    const { system } = node.components.resourceManager
    return { memory: system.used('memory'), limit: system.limit('memory') }
  },
  slowReader: params => reader(params)
})
