// A node of js-libp2p on the local network, driven by JSON lines. Its packages are those of ../js-libp2p.
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { serve } from '../lib/rpc.mjs'
import { root } from '../lib/setup.mjs'
import { foundBy } from './found.mjs'

const { resolve } = createRequire(path.join(root, 'interop/js-libp2p/package.json'))
const load = name => import(pathToFileURL(resolve(name)))
const { createLibp2p } = await load('libp2p')
const { mdns } = await load('@libp2p/mdns')
const { tcp } = await load('@libp2p/tcp')
const { noise } = await load('@libp2p/noise')
const { yamux } = await load('@libp2p/yamux')

const methods = {
  async start(options) {
    const node = await createLibp2p({
      addresses: { listen: ['/ip4/0.0.0.0/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      peerDiscovery: [mdns(options)]
    })
    Object.assign(methods, foundBy(node))
    return { peerId: node.peerId.toString(), addrs: node.getMultiaddrs().map(String) }
  }
}
serve(methods)
