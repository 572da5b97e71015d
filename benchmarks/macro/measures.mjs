// What is measured, on the client's side. `stack.connect(address, kind)` gives `{ open(kind), close() }`; a stream is
// `{ write, drained, onBytes, end, closed }`. `stack.dial(address, kind)` gives one as users write it, with `read()` to
// iterate over instead of `onBytes` and `closed`. Every measure returns plain numbers.
const SMALL = 32
const MESSAGE = 128
const CHUNK = 65_536
/** Chunks of the first bytes of a process: 64 MiB. */
const COLD = 1024

const now = () => performance.now()

/** One stream, 64 KiB writes: MB/s, counted by the receiver. */
const throughput = (stack, address, ms) => pushWarm(stack, address, ms, CHUNK, 1)

/** One stream, 128-byte writes. */
const small = (stack, address, ms) => pushWarm(stack, address, ms, MESSAGE, 1)

/** 64 streams at once, 64 KiB writes. */
const throughput64 = (stack, address, ms) => pushWarm(stack, address, ms, CHUNK, 64)

/** MB/s over `width` streams of a connection with writes of `size` bytes, after a quarter of that time with another. */
export async function pushWarm(stack, address, ms, size, width) {
  await push(stack, address, ms / 4, size, width)
  return push(stack, address, ms, size, width)
}

async function push(stack, address, ms, size, width) {
  const connection = await stack.connect(address, 'sink')
  const chunk = new Uint8Array(size).fill(7)
  const began = now()
  const lane = async () => {
    const stream = await connection.open('sink')
    const answer = new Promise(resolve => stream.onBytes(resolve))
    while (now() - began < ms) {
      if (!stream.write(chunk)) await stream.drained()
    }
    await stream.end()
    const bytes = (await answer).subarray()
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0)
  }
  const counts = await Promise.all(Array.from({ length: width }, lane))
  const seconds = (now() - began) / 1000
  await connection.close()
  return counts.reduce((sum, count) => sum + count) / 1e6 / seconds
}

/** Open, echo 32 B, close; one at a time: per second. */
const streams = (stack, address, ms) => openEchoClose(stack, address, ms, 1)

/** The same, 100 at once. */
const streams100 = (stack, address, ms) => openEchoClose(stack, address, ms, 100)

async function openEchoClose(stack, address, ms, width) {
  const connection = await stack.connect(address, 'echo')
  let done = 0
  const lane = async until => {
    while (now() < until) {
      const stream = await connection.open('echo')
      const arrived = arrival(stream)
      stream.write(new Uint8Array(SMALL))
      await arrived(SMALL)
      await stream.end()
      await stream.closed
      done++
    }
  }
  const lanes = async until => Promise.all(Array.from({ length: width }, () => lane(until)))
  await lanes(now() + ms / 4)
  done = 0
  const began = now()
  await lanes(began + ms)
  const perSecond = done / ((now() - began) / 1000)
  await connection.close()
  return perSecond
}

/** Open-echo-close as users write it, 100 at once: per second. */
async function written100(stack, address, ms) {
  let done = 0
  const lane = async until => {
    while (now() < until) {
      const stream = await stack.dial(address, 'echo')
      stream.write(new Uint8Array(SMALL))
      await stream.end()
      let bytes = 0
      for await (const chunk of stream.read()) bytes += chunk.byteLength
      if (bytes !== SMALL) throw new Error(`${bytes} of ${SMALL} bytes came back`)
      done++
    }
  }
  const lanes = async until => Promise.all(Array.from({ length: 100 }, () => lane(until)))
  await lane(now())
  await lanes(now() + ms / 4)
  done = 0
  const began = now()
  await lanes(began + ms)
  return done / ((now() - began) / 1000)
}

/** Throughput of one stream as users write it: MB/s. */
async function written(stack, address, ms) {
  const until = time => () => now() < time
  await pushWritten(stack, address, until(now() + ms / 4))
  return pushWritten(stack, address, until(now() + ms))
}

/** The first 64 MiB of a process, as users write it: MB/s from the opening of their stream; only the dial was before. */
async function cold(stack, address) {
  await (await stack.dial(address, 'echo')).end()
  let left = COLD
  return pushWritten(stack, address, () => left-- > 0)
}

async function pushWritten(stack, address, goesOn) {
  const began = now()
  const stream = await stack.dial(address, 'sink')
  const chunk = new Uint8Array(CHUNK).fill(7)
  while (goesOn()) {
    if (!stream.write(chunk)) await stream.drained()
  }
  await stream.end()
  let count = 0
  for await (const bytes of stream.read()) {
    const answer = bytes.subarray()
    count = new DataView(answer.buffer, answer.byteOffset).getFloat64(0)
  }
  return count / 1e3 / (now() - began)
}

/**
 * 32 B there and back on an open stream: median, microseconds. V8 has compiled the way of a message after about 15,000 of them,
 * so that the warm-up is as long as the measure.
 */
async function roundTrip(stack, address, ms) {
  const connection = await stack.connect(address, 'echo')
  const stream = await connection.open('echo')
  const arrived = arrival(stream)
  const once = async () => {
    const began = now()
    stream.write(new Uint8Array(SMALL))
    await arrived(SMALL)
    return now() - began
  }
  const warm = now() + ms
  while (now() < warm) await once()
  const times = []
  while (now() < warm + ms) times.push(await once())
  await connection.close()
  return times.sort((a, b) => a - b)[times.length >> 1] * 1000
}

/**
 * A new connection with its whole upgrade, then closed; one at a time: per second. The code of a dial is much and each part
 * of it runs seldom: it takes a thousand dials until V8 has compiled it, so that the warm-up is twice as long as the measure.
 */
async function handshakes(stack, address, ms) {
  const once = async () => (await stack.connect(address, 'echo')).close()
  const warm = now() + 2 * ms
  while (now() < warm) await once()
  let done = 0
  const began = now()
  while (now() - began < ms) {
    await once()
    done++
  }
  return done / ((now() - began) / 1000)
}

/** Opens connections and leaves them idle. One at a time: dials of one address at once may share a connection. */
export async function idle(stack, address, count) {
  const connections = []
  while (connections.length < count) connections.push(await stack.connect(address, 'echo'))
  return connections
}

/** New connections, one at a time and closed again: the median time to open one, milliseconds. */
export async function opening(stack, address, count) {
  const times = []
  while (times.length < count) {
    const began = now()
    const connection = await stack.connect(address, 'echo')
    times.push(now() - began)
    await connection.close()
  }
  return times.sort((a, b) => a - b)[times.length >> 1]
}

/** What the parent asks for by name. */
export const measures = {
  throughput,
  throughput64,
  small,
  streams,
  streams100,
  roundTrip,
  handshakes,
  written100,
  written,
  cold
}

/** Waits for `bytes` more bytes on each call. */
function arrival(stream) {
  let have = 0
  let wanted = 0
  let wake
  stream.onBytes(data => {
    have += data.byteLength
    if (wake !== undefined && have >= wanted) wake()
  })
  return async bytes => {
    wanted += bytes
    if (have < wanted) await new Promise(resolve => (wake = resolve))
    wake = undefined
  }
}
