// What a peer does when it is asked to act: the methods of the peer protocol, each on the connection `dial` made.
import { lastEarlyMuxer } from './early-muxer.mjs'
import { HALF_CLOSE_BYTES, protocols } from './handlers.mjs'
import { identified, MAX_STREAMS, until } from './node.mjs'
import { Digest, ended, pattern, receive, receiveDigest, sendAll, sendDigest } from './streams.mjs'

export function dialerMethods(node, parts) {
  let connection
  let held
  const open = protocol => connection.newStream(protocol, { maxOutboundStreams: MAX_STREAMS })

  return {
    async dial({ addr }) {
      connection = await node.dial(parts.multiaddr(addr))
      const { remotePeer, encryption, multiplexer } = connection
      return { remotePeer: remotePeer.toString(), encryption, multiplexer }
    },

    /** What identify put into the peer store. */
    known({ peer }) {
      const connected = () => node.getConnections().find(c => c.remotePeer.toString() === peer)?.remotePeer
      return until(
        async () => {
          const id = connected()
          const record = id && (await identified(node, id))
          if (record === undefined) return undefined
          const agent = new TextDecoder().decode(record.metadata.get('AgentVersion'))
          return { agent, protocols: record.protocols, addrs: record.addresses.map(a => a.multiaddr.toString()) }
        },
        { what: `identify data of ${peer}` }
      )
    },

    /** Resolves when no connection has a stream. */
    quiet: () =>
      until(() => node.getConnections().every(({ streams }) => streams.length === 0), {
        timeout: 8000,
        what: 'the end of all streams'
      }),

    /** Ends the connection that was dialed. */
    close: () => connection.close(),

    ping: () => node.services.ping.ping(connection.remotePeer),

    /** The muxer on which the last handshake agreed, if it did; see `early`. */
    earlyMuxer: lastEarlyMuxer,

    connections: () => node.getConnections().length,

    /** Sends `bytes` to the echo service and reads them back, never more than `window` bytes ahead of the echo. */
    async echo({ bytes, window = Number.POSITIVE_INFINITY }) {
      const stream = await open('/echo/1.0.0')
      const sent = new Digest()
      const back = new Digest()
      const received = receive(stream, piece => back.update(piece))
      received.catch(() => {})
      for (const chunk of pattern(bytes)) {
        if (sent.bytes - back.bytes >= window) {
          await until(() => sent.bytes - back.bytes < window, { every: 0, what: 'echoed bytes' })
        }
        await sendAll(stream, [sent.update(chunk)])
      }
      await stream.close()
      await received
      return { sent: sent.result(), received: back.result() }
    },

    /** Opens `count` streams before any of them is done; each sends its own bytes and returns whether they came back. */
    async many({ count }) {
      const streams = await Promise.all(Array.from({ length: count }, () => open(protocols.echo)))
      const results = await Promise.all(
        streams.map(async (stream, i) => {
          const own = new Uint8Array(32 + (i % 1000)).fill(i)
          new DataView(own.buffer).setUint32(0, i)
          const pieces = []
          const received = receive(stream, piece => pieces.push(piece))
          received.catch(() => {})
          await sendAll(stream, [own])
          await stream.close()
          await received
          return Buffer.concat(pieces).equals(own)
        })
      )
      return { opened: streams.length, right: results.filter(Boolean).length }
    },

    async listenerFirst() {
      const stream = await open(protocols.listenerFirst)
      const received = await receiveDigest(stream)
      return { received, sent: await sendDigest(stream, HALF_CLOSE_BYTES, 3) }
    },

    async dialerFirst() {
      const stream = await open(protocols.dialerFirst)
      const received = receiveDigest(stream)
      received.catch(() => {})
      return { sent: await sendDigest(stream, HALF_CLOSE_BYTES, 4), received: await received }
    },

    /** The listener resets: how did the stream end here? */
    async resetByListener() {
      const stream = await open(protocols.reset)
      const end = ended(stream)
      stream.send(Uint8Array.of(1))
      return { error: await end }
    },

    async resetByDialer() {
      const stream = await open(protocols.hold)
      const answered = new Promise(resolve => stream.addEventListener('message', resolve, { once: true }))
      stream.send(Uint8Array.of(1))
      await answered
      stream.abort(new Error('reset, as asked'))
    },

    /** Opens a stream and keeps writing to it, one chunk every few milliseconds. */
    async hold() {
      const stream = await open(protocols.hold)
      const answered = new Promise(resolve => stream.addEventListener('message', resolve, { once: true }))
      stream.send(Uint8Array.of(1))
      await answered
      const chunk = new Uint8Array(1024)
      const timer = setInterval(() => {
        if (stream.status === 'open' && stream.writeStatus === 'writable') stream.send(chunk)
      }, 5)
      held = ended(stream).finally(() => clearInterval(timer))
    },

    /** How the stream of `hold` ended. */
    heldEnded: async () => ({ error: await held })
  }
}
