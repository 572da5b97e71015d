// What a peer does with streams that the other peer opens. How each ended is kept, and asked for by `outcome`.
import { MAX_STREAMS } from './node.mjs'
import { drained, ended, receive, receiveDigest, sendDigest } from './streams.mjs'

export const protocols = {
  echo: '/interop/echo/1.0.0',
  // the listener sends and ends first, then reads
  listenerFirst: '/interop/listener-first/1.0.0',
  // the listener reads to the end, then sends
  dialerFirst: '/interop/dialer-first/1.0.0',
  // the listener resets on the first byte
  reset: '/interop/reset/1.0.0',
  // the listener answers the first byte and then reads for ever
  hold: '/interop/hold/1.0.0'
}

export const HALF_CLOSE_BYTES = 1_048_576

const handlers = {
  async echo(stream) {
    let tail = Promise.resolve()
    await receive(stream, piece => {
      if (!stream.send(piece)) tail = drained(stream)
    })
    await tail
    await stream.close()
    return 'closed'
  },
  async listenerFirst(stream) {
    const received = receiveDigest(stream)
    const sent = await sendDigest(stream, HALF_CLOSE_BYTES, 1)
    return { sent, received: await received }
  },
  async dialerFirst(stream) {
    const received = await receiveDigest(stream)
    return { received, sent: await sendDigest(stream, HALF_CLOSE_BYTES, 2) }
  },
  async reset(stream) {
    await new Promise(resolve => stream.addEventListener('message', resolve, { once: true }))
    stream.abort(new Error('reset, as asked'))
  },
  async hold(stream) {
    const end = ended(stream)
    stream.addEventListener('message', () => stream.send(Uint8Array.of(1)), { once: true })
    stream.addEventListener('message', () => {})
    return { error: await end }
  }
}

export async function handleProtocols(node) {
  const queues = new Map(Object.keys(protocols).map(name => [name, { values: [], waiting: [] }]))
  const put = (name, value) => {
    const { values, waiting } = queues.get(name)
    if (waiting.length > 0) waiting.shift()(value)
    else values.push(value)
  }
  for (const [name, protocol] of Object.entries(protocols)) {
    const onStream = async stream => {
      const value = await handlers[name](stream).catch(error => ({ error: error.name }))
      // a thousand echoed streams are checked by their dialer
      if (name !== 'echo') put(name, value)
    }
    await node.handle(protocol, onStream, { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS })
  }
  return {
    /** How the next stream of this protocol ended. */
    outcome({ protocol }) {
      const { values, waiting } = queues.get(protocol)
      return values.length > 0 ? values.shift() : new Promise(resolve => waiting.push(resolve))
    }
  }
}
