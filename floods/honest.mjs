// An honest peer beside the attack: a dial and a ping each second, and a stream that echoes 1 MB/s throughout.
import { echo } from '@weft/echo'
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { answer, settings } from './lib/answer.mjs'
import { sleep } from './lib/statistics.mjs'

const DIAL_INTERVAL_MS = 1000
const CHUNK_BYTES = 50_000
const CHUNK_INTERVAL_MS = 50

const address = multiaddr(settings.address)
// Two nodes: one that keeps its connection, and one that dials anew each time.
const [streamer, dialer] = await Promise.all([makeNode(), makeNode()])
let dials = []
let echoed = 0
let sent = 0
let since = performance.now()
let streamError

async function makeNode() {
  const defaults = nodeDefaults()
  return createLibp2p({ ...defaults, services: { ...defaults.services, echo: echo() } })
}

async function dialOnce() {
  const began = performance.now()
  const entry = { ms: undefined, pingMs: undefined, error: undefined }
  try {
    const connection = await dialer.dial(address, { force: true })
    entry.ms = performance.now() - began
    entry.pingMs = await dialer.services.ping.ping(connection.remotePeer)
    await connection.close()
  } catch (error) {
    entry.error = `${error.name}: ${error.message}`
    for (const connection of dialer.getConnections()) connection.abort(error)
  }
  dials.push(entry)
}

async function keepDialing() {
  for (;;) {
    const next = performance.now() + DIAL_INTERVAL_MS
    await dialOnce()
    await sleep(Math.max(0, next - performance.now()))
  }
}

async function keepStreaming() {
  const connection = await streamer.dial(address)
  const stream = await connection.newStream('/echo/1.0.0')
  stream.addEventListener('message', ({ data }) => {
    echoed += data.byteLength
  })
  stream.addEventListener('close', event => {
    streamError = event.error === undefined ? 'closed' : `${event.error.name}: ${event.error.message}`
  })
  const chunk = new Uint8Array(CHUNK_BYTES)
  setInterval(() => {
    // A stream that is behind is not pushed further: what it does not move is missing from the figure.
    if (stream.status !== 'open' || stream.writableNeedsDrain) return
    stream.send(chunk)
    sent += chunk.byteLength
  }, CHUNK_INTERVAL_MS)
}

/** Honest load for `ms` milliseconds: streams that are opened, echo and end, 32 at a time, as fast as they go. */
async function exercise({ ms }) {
  const end = performance.now() + ms
  const { remotePeer } = streamer.getConnections()[0]
  const bytes = new Uint8Array(1000)
  let exchanges = 0
  const lane = async () => {
    for (; performance.now() < end; exchanges++) await streamer.services.echo.echo(remotePeer, bytes)
  }
  // One of the 32 that the victim serves is the stream of 1 MB/s.
  await Promise.all(Array.from({ length: 31 }, lane))
  return exchanges
}

await keepStreaming()
void keepDialing()

answer({
  ready() {},
  exercise,
  mark() {
    dials = []
    echoed = 0
    sent = 0
    since = performance.now()
  },
  report: () => ({ dials, echoed, sent, seconds: (performance.now() - since) / 1000, streamError })
})
