// libp2p 0.15 to 0.26: callbacks, pull-streams, one PeerInfo a peer.
import { promisify } from 'node:util'
import { until } from '../lib/node.mjs'
import { fromPull } from './pull-streams.mjs'

const muxers = { mplex: 'libp2p-mplex', multiplex: 'libp2p-multiplex', 'pull-mplex': 'pull-mplex', spdy: 'libp2p-spdy' }

export async function startNode(load, { stack, muxer }) {
  const PeerId = load('peer-id')
  const PeerInfo = load('peer-info')
  const id = await promisify(PeerId.create)({ bits: 2048 })
  const own = new PeerInfo(id)
  own.multiaddrs.add('/ip4/127.0.0.1/tcp/0')
  const node = (stack === 'l15' ? firstForm : laterForm)(load, own, load(muxers[muxer]))
  node.on('error', () => {})
  const connected = new Map()
  node.on('peer:connect', peer => connected.set(peer.id.toB58String(), peer))
  node.on('peer:disconnect', peer => connected.delete(peer.id.toB58String()))
  await promisify(node.start.bind(node))()
  let remote

  return {
    peerId: id.toB58String(),
    addrs: own.multiaddrs
      .toArray()
      .map(String)
      .filter(addr => !addr.includes('circuit')),
    async dial(addr) {
      remote = new PeerInfo(PeerId.createFromB58String(addr.split('/').pop()))
      // The name that /p2p had then.
      remote.multiaddrs.add(addr.replace('/p2p/', '/ipfs/'))
      await promisify(node.dial.bind(node))(remote)
      return { remotePeer: remote.id.toB58String() }
    },
    open: async protocol => fromPull(await promisify((node.dialProtocol ?? node.dial).bind(node))(remote, protocol)),
    handle: (protocol, onStream) => node.handle(protocol, (_, conn) => onStream(fromPull(conn))),
    known: peer =>
      until(
        () => {
          const protocols = [...(connected.get(peer)?.protocols ?? [])]
          return protocols.includes('/ipfs/ping/1.0.0') && { protocols }
        },
        { what: `identify data of ${peer}` }
      ),
    ping: () => ping(node, remote),
    close: () => promisify(node.hangUp.bind(node))(remote),
    connections: () => connected.size
  }
}

/** libp2p 0.15: modules by two arguments. */
function firstForm(load, own, Muxer) {
  const Libp2p = load('libp2p')
  const connection = { muxer: [Muxer], crypto: [load('libp2p-secio')] }
  return new Libp2p({ transport: [new (load('libp2p-tcp'))()], connection, discovery: [] }, own)
}

/** libp2p 0.24 to 0.26: one object. */
function laterForm(load, peerInfo, Muxer) {
  const Libp2p = load('libp2p')
  const modules = { transport: [load('libp2p-tcp')], streamMuxer: [Muxer], connEncryption: [load('libp2p-secio')] }
  const off = { enabled: false }
  // 0.24 has no `relay` and wants a bucket size even where there is no DHT.
  const config = { peerDiscovery: { mdns: off, bootstrap: off }, dht: { kBucketSize: 20 } }
  if (/^0\.24\./.test(load('libp2p/package.json').version)) return new Libp2p({ peerInfo, modules, config })
  return new Libp2p({ peerInfo, modules, config: { ...config, dht: { kBucketSize: 20, ...off }, relay: off } })
}

function ping(node, peer) {
  return new Promise((resolve, reject) => {
    node.ping(peer, (error, pings) => {
      if (error) return reject(error)
      pings.once('ping', ms => {
        pings.stop()
        resolve(ms)
      })
      pings.once('error', reject)
      pings.start?.()
    })
  })
}
