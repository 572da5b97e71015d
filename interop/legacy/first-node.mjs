// libp2p of 2015: a swarm over node streams, without a channel. Ids are hashes of bare keys. As a dialer it waits for the
// listener to speak first, on the connection and on each stream.
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'

export async function startNode(load) {
  // Its packages have streams of their own, and the wrapper around a dialed stream takes no others than Node's.
  process.env.READABLE_STREAM = 'disable'
  const Swarm = load('libp2p-swarm')
  const PeerId = load('peer-id')
  const PeerInfo = load('peer-info')
  const multiaddr = load('multiaddr')
  passOnRemoval(load('duplex-passthrough'))
  const own = new PeerInfo(PeerId.create(), [])
  const swarm = new Swarm(own)
  const sockets = new Sockets(load('libp2p-tcp'))
  const host = '127.0.0.1'
  await new Promise(resolve => swarm.addTransport('tcp', sockets, {}, {}, { port: 0, host }, resolve))
  swarm.addStreamMuxer('spdy', deaf(load('libp2p-spdy')), {})
  const peerId = own.id.toB58String()
  const { port } = swarm.transports.tcp.listener.address()
  const dial = promisify(swarm.dial.bind(swarm))
  let remote
  return {
    peerId,
    addrs: [`/ip4/${host}/tcp/${port}/p2p/${peerId}`],
    async dial(addr) {
      const [transport, id] = addr.split('/p2p/')
      remote = new PeerInfo(PeerId.createFromB58String(id), [multiaddr(transport)])
      await dial(remote, {}, undefined)
      return { remotePeer: id }
    },
    open: async protocol => {
      const stream = await dial(remote, {}, protocol)
      return streamOf(stream, stream._stream)
    },
    async close() {
      const id = remote.id.toB58String()
      swarm.muxedConns[id].socket.end()
      // It would still open streams on it.
      delete swarm.muxedConns[id]
    },
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
    return this.#tcp.createListener(options, socket => onSocket(this.#count(socket)))
  }

  dial(multiaddr, options) {
    return this.#count(this.#tcp.dial(multiaddr, options))
  }

  #count(socket) {
    this.open.add(socket)
    socket.once('close', () => this.open.delete(socket))
    return socket
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

/** A dialed stream is wrapped: whoever has read the answer would still listen, and Node's streams then do not flow. */
function passOnRemoval({ prototype }) {
  const removeListener = prototype.removeListener
  prototype.removeListener = function (event, listener) {
    return removeListener.call(event === 'readable' ? this._reader : this, event, listener)
  }
}

/** A node stream as `{ source, sink, reset }`. Of a wrapped one, `inner` is what fails and is reset. */
function streamOf(stream, inner = stream) {
  // A reset is an error that comes at any time.
  const failed = new Promise((_, reject) => inner.once('error', reject))
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
    reset: () => inner.destroy()
  }
}
