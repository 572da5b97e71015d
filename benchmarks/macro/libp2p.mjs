// Both libp2p implementations behind the interface of ./measures.mjs: the same code, other parts.
import { drained } from '../../interop/lib/streams.mjs'

/** More than any measure opens at once, so that no limit is what is measured. */
const MANY = 100_000

const protocols = { sink: '/bench/sink/1.0.0', echo: '/bench/echo/1.0.0' }
const written = { sink: '/bench/written-sink/1.0.0', echo: '/bench/written-echo/1.0.0' }

/** The names of the parts: what secures the connections, their muxer, the services of the node. */
export function libp2p(parts, { channel, muxer, services }) {
  let node
  const start = async listen => {
    const limits = { maxInboundStreams: MANY, maxOutboundStreams: MANY }
    node = await parts.createLibp2p({
      addresses: { listen },
      transports: [parts.tcp()],
      connectionEncrypters: [parts[channel]()],
      streamMuxers: [parts[muxer](limits)],
      services: Object.fromEntries(services.map(name => [name, parts[name]()])),
      connectionGater: { denyDialMultiaddr: () => false },
      connectionManager: {
        maxConnections: MANY,
        inboundConnectionThreshold: Infinity,
        maxIncomingPendingConnections: MANY
      },
      connectionMonitor: { enabled: false }
    })
    return limits
  }

  return {
    async serve() {
      const limits = await start(['/ip4/127.0.0.1/tcp/0'])
      await node.handle(protocols.sink, sink, limits)
      await node.handle(protocols.echo, echo, limits)
      await node.handle(written.sink, writtenSink, limits)
      await node.handle(written.echo, writtenEcho, limits)
      return node.getMultiaddrs()[0].toString()
    },
    async connect(address) {
      if (node === undefined) await start([])
      const connection = await node.dial(parts.multiaddr(address), { force: true })
      return {
        open: kind => open(connection, kind),
        close: () => connection.close()
      }
    },
    /** A stream as users write it: the address each time, `for await` on both sides. */
    async dial(address, kind) {
      if (node === undefined) await start([])
      const options = { maxOutboundStreams: MANY }
      const stream = await node.dialProtocol(parts.multiaddr(address), written[kind], options)
      return {
        write: bytes => stream.send(bytes),
        drained: () => drained(stream),
        end: () => stream.close(),
        read: () => stream
      }
    }
  }
}

async function open(connection, kind) {
  const stream = await connection.newStream(protocols[kind], { maxOutboundStreams: MANY })
  return {
    write: bytes => stream.send(bytes),
    drained: () => drained(stream),
    onBytes: listener => stream.addEventListener('message', event => listener(event.data)),
    end: () => stream.close(),
    closed: new Promise(resolve => stream.addEventListener('close', resolve, { once: true }))
  }
}

function sink(stream) {
  let bytes = 0
  stream.addEventListener('message', event => {
    bytes += event.data.byteLength
  })
  stream.addEventListener('remoteCloseWrite', () => {
    stream.send(count(bytes))
    stream.close().catch(() => {})
  })
}

function echo(stream) {
  stream.addEventListener('message', event => stream.send(event.data))
  stream.addEventListener('remoteCloseWrite', () => stream.close().catch(() => {}))
}

async function writtenSink(stream) {
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.byteLength
  stream.send(count(bytes))
  await stream.close()
}

async function writtenEcho(stream) {
  for await (const chunk of stream) stream.send(chunk)
  await stream.close()
}

function count(bytes) {
  const answer = new Uint8Array(8)
  new DataView(answer.buffer).setFloat64(0, bytes)
  return answer
}
