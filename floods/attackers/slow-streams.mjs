// A peer that keeps to the protocol on 64 streams: it sends to a victim that reads slowly, or has it send and reads slowly.
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { answer, settings } from '../lib/answer.mjs'

const STREAMS = 64
const CHUNK = new Uint8Array(65_536)

const node = await createLibp2p(nodeDefaults())
const connection = await node.dial(multiaddr(settings.address))
const lanes = []
let bytesPerSecond = 0

async function open(protocol, streams = STREAMS) {
  for (let i = 0; i < streams; i++) {
    const stream = await connection.newStream(protocol, { maxOutboundStreams: streams })
    const lane = { stream, sent: 0, received: 0, blocked: false, error: undefined, done: false }
    stream.addEventListener('close', event => {
      lane.error = event.error?.name
    })
    lanes.push(lane)
  }
}

async function sendOn(lane, bytes) {
  await write(lane, bytes)
  await lane.stream.close()
  for await (const list of lane.stream) lane.received += list.byteLength
  lane.done = true
}

async function write(lane, bytes) {
  while (lane.sent < bytes) {
    const chunk = CHUNK.subarray(0, Math.min(CHUNK.byteLength, bytes - lane.sent))
    lane.sent += chunk.byteLength
    if (lane.stream.send(chunk)) continue
    lane.blocked = true
    await lane.stream.onDrain()
    lane.blocked = false
  }
}

async function readOn(lane, bytes) {
  const request = new Uint8Array(8)
  new DataView(request.buffer).setBigUint64(0, BigInt(bytes))
  lane.stream.send(request)
  await lane.stream.close()
  for await (const list of lane.stream) {
    lane.received += list.byteLength
    while (bytesPerSecond === 0 || credit <= 0) await new Promise(resolve => waiting.push(resolve))
    credit -= list.byteLength
  }
  lane.done = true
}

let credit = 0
let waiting = []
setInterval(() => {
  credit = Math.min(bytesPerSecond, credit + bytesPerSecond / 20)
  const wake = waiting
  waiting = []
  for (const resolve of wake) resolve()
}, 50)

answer({
  ready() {},
  async send({ bytes }) {
    await open('/flood/slow/1.0.0')
    for (const lane of lanes) void sendOn(lane, bytes / STREAMS).catch(error => (lane.error ??= error.name))
  },
  /** Opens `streams` and sends so much on each at once, on the first one a little more; none is closed. */
  async fill({ streams, bytes, most }) {
    await open('/flood/slow/1.0.0', streams)
    const [first, ...others] = lanes
    await write(first, most)
    for (const lane of others) void write(lane, bytes).catch(error => (lane.error ??= error.name))
  },
  async fetch({ bytes }) {
    await open('/perf/1.0.0')
    for (const lane of lanes) void readOn(lane, bytes / STREAMS).catch(error => (lane.error ??= error.name))
  },
  rate(params) {
    bytesPerSecond = params.bytesPerSecond
  },
  /** `left`: bytes that have left this process's streams. */
  report() {
    const sum = pick => lanes.reduce((total, lane) => total + pick(lane), 0)
    return {
      left: sum(lane => lane.sent - lane.stream.writeBufferLength),
      received: sum(lane => lane.received),
      blocked: sum(lane => (lane.blocked ? 1 : 0)),
      done: sum(lane => (lane.done ? 1 : 0)),
      ended: lanes.flatMap((lane, i) => (lane.error === undefined ? [] : [i])),
      errors: lanes.filter(lane => lane.error !== undefined).map(lane => lane.error),
      open: connection.status === 'open'
    }
  }
})
