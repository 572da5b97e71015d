// A node of weft on the local network: prints what it is, then each peer that it finds, as JSON lines. Ends with its input.
import { createLibp2p } from '@weft/libp2p'
import { mdns } from '@weft/libp2p/mdns'
import { noise } from '@weft/libp2p/noise'
import { tcp } from '@weft/libp2p/tcp'
import { yamux } from '@weft/libp2p/yamux'

const options = JSON.parse(process.argv[2] ?? '{}')
const say = line => process.stdout.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`)

const node = await createLibp2p({
  addresses: { listen: ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  peerDiscovery: [mdns(options)]
})
node.addEventListener('peer:discovery', ({ detail: { id, multiaddrs } }) => {
  say({ found: id.toString(), multiaddrs: multiaddrs.map(String) })
})
say({ id: node.peerId.toString() })
process.stdin.on('end', async () => {
  await node.stop()
  process.exit(0)
})
process.stdin.resume()
