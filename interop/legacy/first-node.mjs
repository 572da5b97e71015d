// libp2p of 2015: a swarm over node streams, without a channel. Ids are hashes of bare keys. It is only dialed: see
// ../scenarios/legacy-limits.mjs.
import { PassThrough } from 'node:stream'

export async function startNode(load) {
  const Swarm = load('libp2p-swarm')
  const PeerId = load('peer-id')
  const PeerInfo = load('peer-info')
  const own = new PeerInfo(PeerId.create(), [])
  const swarm = new Swarm(own)
  const sockets = new Sockets(load('libp2p-tcp'))
  const host = '127.0.0.1'
  await new Promise(resolve => swarm.addTransport('tcp', sockets, {}, {}, { port: 0, host }, resolve))
  swarm.addStreamMuxer('spdy', deaf(load('libp2p-spdy')), {})
  const peerId = own.id.toB58String()
  const { port } = swarm.transports.tcp.listener.address()
  return {
    peerId,
    addrs: [`/ip4/${host}/tcp/${port}/p2p/${peerId}`],
    handle: (protocol, onStream) => swarm.handleProtocol(protocol, stream => onStream(streamOf(stream))),
    connections: () => sockets.open.size
  }
}

/** The transport, and which of its sockets are open: the swarm does not notice when one closes. */
class Sockets {
  open = new Set()
  #tcp

  constructor(tcp) {
    this.#tcp = tcp
  }

  createListener(options, onSocket) {
    return this.#tcp.createListener(options, socket => {
      this.open.add(socket)
      socket.once('close', () => this.open.delete(socket))
      onSocket(socket)
    })
  }
}

/** The muxer, with somebody to hear of errors: a stream that is reset before it has a user would else end the process. */
function deaf(Muxer) {
  const ignoreErrors = emitter => emitter.on('error', () => {})
  return function DeafMuxer() {
    const muxer = new Muxer()
    this.attach = (socket, isListener, done) =>
      muxer.attach(socket, isListener, (error, connection) => {
        if (connection) ignoreErrors(connection).on('stream', ignoreErrors)
        done(error, connection)
      })
  }
}

/** A node stream as `{ source, sink, reset }`. */
function streamOf(stream) {
  // A reset is an error that comes at any time.
  const failed = new Promise((_, reject) => stream.once('error', reject))
  const source = stream.pipe(new PassThrough())
  failed.catch(error => source.destroy(error))
  return {
    source: source.iterator({ destroyOnReturn: false }),
    async sink(chunks) {
      for await (const chunk of chunks) {
        await Promise.race([failed, new Promise(resolve => stream.write(Buffer.from(chunk), resolve))])
      }
      stream.end()
    },
    reset: () => stream.destroy()
  }
}
