// The peer program of implementations with js-libp2p's interface: a node behind the methods of the peer protocol.
import { dialerMethods } from './dialer.mjs'
import { handleProtocols } from './handlers.mjs'
import { createNode } from './node.mjs'
import { serve } from './rpc.mjs'

export function runPeer(parts) {
  const methods = {
    /** Starts a node; all other methods are those of the node that was started last. */
    async start(options) {
      const node = await createNode(parts, options)
      const outcomes = await handleProtocols(node)
      Object.assign(methods, dialerMethods(node, parts), outcomes, { stop: () => node.stop() })
      return { peerId: node.peerId.toString(), addrs: node.getMultiaddrs().map(String) }
    }
  }
  serve(methods)
}
