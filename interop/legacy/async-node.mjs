// libp2p 0.30 and 0.31: promises and async iterables.
import { until } from '../lib/node.mjs'

export async function startNode(load) {
  const Libp2p = load('libp2p')
  const PeerId = load('peer-id')
  const multiaddr = load('multiaddr')
  const node = await Libp2p.create({
    peerId: await PeerId.create({ bits: 2048 }),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    modules: {
      transport: [load('libp2p-tcp')],
      streamMuxer: [load('libp2p-mplex')],
      connEncryption: [load('libp2p-secio')]
    },
    config: { peerDiscovery: { autoDial: false }, relay: { enabled: false } }
  })
  await node.start()
  let connection

  return {
    peerId: node.peerId.toB58String(),
    addrs: node.multiaddrs.map(addr => `${addr}/p2p/${node.peerId.toB58String()}`),
    async dial(addr) {
      connection = await node.dial(multiaddr(addr))
      const { encryption, multiplexer } = connection.stat
      return { remotePeer: connection.remotePeer.toB58String(), encryption, multiplexer }
    },
    open: async protocol => streamOf((await connection.newStream([protocol])).stream),
    handle: (protocol, onStream) => node.handle(protocol, ({ stream }) => onStream(streamOf(stream))),
    known: peer =>
      until(
        () => {
          const id = PeerId.createFromB58String(peer)
          const protocols = node.peerStore.protoBook.get(id) ?? []
          return protocols.length > 0 && { protocols }
        },
        { what: `identify data of ${peer}` }
      ),
    ping: () => node.ping(connection.remotePeer),
    close: () => connection.close(),
    connections: () => node.connectionManager.size
  }
}

/** Bytes come as lists of buffers; `slice` makes one of them. */
function streamOf(stream) {
  return {
    source: stream.source,
    sink: chunks => stream.sink(buffers(chunks)),
    reset: () => stream.abort(new Error('reset, as asked'))
  }
}

async function* buffers(chunks) {
  for await (const chunk of chunks) yield Buffer.from(chunk.slice())
}
