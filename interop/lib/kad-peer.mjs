// A node with a Kademlia DHT that is driven by lines (driven-peer.mjs): the same for weft and js-libp2p.
import { createInterface } from 'node:readline'
import { createNode } from './node.mjs'

/** Milliseconds of one command. */
const LIMIT_MS = 30_000

const tell = message => process.stdout.write(`${JSON.stringify(message)}\n`)

export async function serveCommands(parts, dht, { cidOf, peerIdFromString }) {
  const node = await createNode(parts, { services: { dht } })
  const all = async (items, change) => {
    const list = []
    for await (const item of items) list.push(change(item))
    return list
  }
  const text = ({ id }) => id.toString()
  const commands = {
    connect: async address => void (await node.dial(parts.multiaddr(address))),
    provide: async name => node.contentRouting.provide(await cidOf(name), { signal: AbortSignal.timeout(LIMIT_MS) }),
    findprovs: async name =>
      all(node.contentRouting.findProviders(await cidOf(name), { signal: AbortSignal.timeout(LIMIT_MS) }), text),
    findpeer: async id => {
      const { multiaddrs } = await node.peerRouting.findPeer(peerIdFromString(id), {
        signal: AbortSignal.timeout(LIMIT_MS)
      })
      return multiaddrs.map(String)
    },
    closest: async key =>
      all(
        node.peerRouting.getClosestPeers(new TextEncoder().encode(key), { signal: AbortSignal.timeout(LIMIT_MS) }),
        text
      ),
    mode: async mode => node.services.dht.setMode(mode),
    rt: async () => ({ size: node.services.dht.routingTable.size })
  }
  tell({ event: 'ready', id: node.peerId.toString(), addrs: node.getMultiaddrs().map(String) })
  for await (const line of createInterface({ input: process.stdin })) {
    const [cmd, ...args] = line.split(' ')
    if (cmd === 'quit') break
    try {
      tell({ cmd, result: await commands[cmd](...args) })
    } catch (error) {
      tell({ cmd, error: `${error.name}: ${error.message}` })
    }
  }
  await node.stop()
  process.exit(0)
}
