// Requests whose answers nobody reads.
import { concat } from '@weft/bytes'
import { answer, settings } from '../lib/answer.mjs'
import { line, proposal } from '../../wirekit/multistream.mjs'
import { Wire } from '../lib/wire.mjs'
import { DATA, frame, headers, INITIAL_WINDOW, PING, SYN, WINDOW } from '../../wirekit/yamux.mjs'

const { host, port, addresses } = settings
const GIVE_UP_MS = 15_000

/** The `i`th batch of requests, and how many they are. */
const kinds = {
  'muxer pings': i => ({
    requests: 1000,
    bytes: headers(1000, j => ({ type: PING, flags: SYN, id: 0, length: 1000 * i + j }))
  }),
  // Past the window of its stream.
  pings: i => {
    const bytes = new Uint8Array(32 * 1000)
    return {
      requests: 1000,
      bytes: concat([i === 0 ? opened(1, '/ipfs/ping/1.0.0') : noBytes, frame(DATA, 0, 1, bytes)])
    }
  },
  'identify requests': i => streams(i, '/ipfs/id/1.0.0', 100),
  'ping streams': i => streams(i, '/ipfs/ping/1.0.0', 100),
  'unknown protocols': i => {
    const asked = concat([line('/multistream/1.0.0'), ...Array.from({ length: 32 }, () => line('/x/1.0.0'))])
    return { requests: 320, bytes: concat(Array.from({ length: 10 }, (_, j) => open(10 * i + j, asked))) }
  }
}
const noBytes = new Uint8Array(0)

function streams(i, protocol, count) {
  return {
    requests: count,
    bytes: concat(Array.from({ length: count }, (_, j) => open(count * i + j, proposal(protocol))))
  }
}

function opened(id, protocol) {
  return concat([frame(WINDOW, SYN, id, 0), frame(DATA, 0, id, proposal(protocol))])
}

function open(index, bytes) {
  const id = 2 * index + 1
  return concat([frame(WINDOW, SYN, id, 0), frame(DATA, 0, id, bytes)])
}

let nextAddress = 0
async function connected() {
  const wire = await Wire.connect({
    host,
    port,
    from: addresses[nextAddress++ % addresses.length],
    readHighWaterMark: 1024
  })
  await wire.secure({ own: true })
  wire.onBytes = () => {}
  wire.socket.pause()
  return wire
}

answer({
  ready() {},
  kinds: () => Object.keys(kinds),
  /** Sends up to `requests`; how many were sent, and the milliseconds from the first to the close, if it came. */
  async flood({ kind, requests }) {
    const wire = await connected()
    const began = performance.now()
    let sent = 0
    for (let i = 0; sent < requests && wire.goneAt === undefined; i++) {
      const batch = kinds[kind](i)
      sent += batch.requests
      wire.send(batch.bytes)
      await Promise.race([wire.drained(), until(began + GIVE_UP_MS)])
      if (performance.now() > began + GIVE_UP_MS) break
    }
    const gone = await Promise.race([wire.gone, until(began + GIVE_UP_MS)])
    wire.close()
    return { sent, closedMs: gone === undefined ? undefined : gone - began }
  },
  /** As many pings as the windows of two streams allow, for `ms` milliseconds; nobody reads the answers. */
  async withinWindow({ ms }) {
    const wire = await connected()
    for (const id of [1, 3]) {
      const room = INITIAL_WINDOW - proposal('/ipfs/ping/1.0.0').byteLength
      wire.send(opened(id, '/ipfs/ping/1.0.0'))
      wire.send(frame(DATA, 0, id, new Uint8Array(room - (room % 32))))
    }
    const gone = await Promise.race([wire.gone, until(performance.now() + ms)])
    wire.close()
    return { closedMs: gone }
  }
})

function until(at) {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, at - performance.now())))
}
