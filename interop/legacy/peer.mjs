// One early libp2p node, driven by JSON lines (../README.md, "Peer protocol"): `node peer.mjs l24`.
import { createRequire } from 'node:module'
import path from 'node:path'
import { serve } from '../lib/rpc.mjs'
import { stackFolder } from '../lib/setup.mjs'
import { listen, streamMethods } from './streams.mjs'

// The names of the eras: node streams in 2015, callbacks and pull-streams until 0.26, promises and async iterables since.
const eras = {
  s05: './first-node.mjs',
  l15: './pull-node.mjs',
  l24: './pull-node.mjs',
  l26: './pull-node.mjs',
  l30: './async-node.mjs',
  l31: './async-node.mjs'
}

const [, , stack] = process.argv
const { startNode } = await import(eras[stack])
const load = createRequire(path.join(stackFolder(stack), 'peer.js'))

// Standard output is for answers.
console.log = console.error
// They emit errors that nobody listens to, as when a connection ends while they ask who is there.
process.on('uncaughtException', () => {})

const methods = {
  async start(options) {
    const node = await startNode(load, { stack, ...options })
    Object.assign(methods, {
      dial: ({ addr }) => node.dial(addr),
      known: ({ peer }) => node.known(peer),
      ping: () => node.ping(),
      close: () => node.close(),
      connections: () => node.connections(),
      ...listen(node),
      ...streamMethods(node)
    })
    return { peerId: node.peerId, addrs: node.addrs }
  }
}
serve(methods)
