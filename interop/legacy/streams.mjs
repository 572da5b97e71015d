// What early peers do with streams: the counterpart of ../lib/handlers.mjs and ../lib/dialer.mjs. A stream here is
// `{ source, sink(chunks), reset() }`: an async iterable of bytes, and a function that sends all chunks and then ends.
import { HALF_CLOSE_BYTES, protocols } from '../lib/handlers.mjs'
import { Digest, hashed, pattern } from '../lib/streams.mjs'

const handlers = {
  async echo(stream) {
    await stream.sink(stream.source)
    return 'closed'
  },
  async listenerFirst(stream) {
    const received = digestOf(stream.source)
    return { sent: await send(stream, HALF_CLOSE_BYTES, 1), received: await received }
  },
  async dialerFirst(stream) {
    const received = await digestOf(stream.source)
    return { received, sent: await send(stream, HALF_CLOSE_BYTES, 2) }
  },
  async reset(stream) {
    await stream.source[Symbol.asyncIterator]().next()
    stream.reset()
  },
  hold: answerAndHold
}

/** Serves the protocols of the scenarios; `outcome` tells how each stream ended, as ../lib/handlers.mjs. */
export function listen(node) {
  const ended = new Map()
  // What @weft/echo and js-libp2p's echo speak.
  node.handle('/echo/1.0.0', stream => handlers.echo(stream).catch(() => {}))
  for (const [name, protocol] of Object.entries(protocols)) {
    const queue = { values: [], waiting: [] }
    ended.set(name, queue)
    node.handle(protocol, async stream => {
      const value = await handlers[name](stream).catch(error => ({ error: error.message }))
      if (queue.waiting.length > 0) queue.waiting.shift()(value)
      else queue.values.push(value)
    })
  }
  return {
    outcome({ protocol }) {
      const { values, waiting } = ended.get(protocol)
      return values.length > 0 ? values.shift() : new Promise(resolve => waiting.push(resolve))
    }
  }
}

/** The methods of the peer protocol that open streams on the connection that was dialed. */
export function streamMethods(node) {
  return {
    async echo({ bytes }) {
      const stream = await node.open(protocols.echo)
      const received = digestOf(stream.source)
      return { sent: await send(stream, bytes, 0), received: await received }
    },

    async listenerFirst() {
      const stream = await node.open(protocols.listenerFirst)
      const received = await digestOf(stream.source)
      return { received, sent: await send(stream, HALF_CLOSE_BYTES, 3) }
    },

    async dialerFirst() {
      const stream = await node.open(protocols.dialerFirst)
      const received = digestOf(stream.source)
      return { sent: await send(stream, HALF_CLOSE_BYTES, 4), received: await received }
    },

    async resetByListener() {
      const stream = await node.open(protocols.reset)
      return answerAndHold(stream)
    },

    async resetByDialer() {
      const stream = await node.open(protocols.hold)
      const held = heldOpen()
      stream.sink(held.chunks).catch(() => {})
      await stream.source[Symbol.asyncIterator]().next()
      stream.reset()
      held.end()
    }
  }
}

/** Sends one byte, and nothing more until the remote has ended. Returns whether that was by an error. */
async function answerAndHold(stream) {
  const held = heldOpen()
  const sent = stream.sink(held.chunks)
  sent.catch(() => {})
  try {
    for await (const _ of stream.source);
    return { error: 'ended' }
  } catch (error) {
    return { error: error.message }
  } finally {
    held.end()
  }
}

function heldOpen() {
  let end
  const over = new Promise(resolve => (end = resolve))
  async function* chunks() {
    yield Uint8Array.of(1)
    await over
  }
  return { chunks: chunks(), end }
}

async function send(stream, bytes, seed) {
  const digest = new Digest()
  await stream.sink(hashed(pattern(bytes, seed), digest))
  return digest.result()
}

async function digestOf(source) {
  const digest = new Digest()
  for await (const piece of source) digest.update(piece.slice())
  return digest.result()
}
