// js-libp2p's kad-dht as a service on our nodes: six of them provide, find, put and get.
import { assert, createNode, until } from '../lib/node.mjs'

export async function dht(cells, parts) {
  const group = `kad-dht on ${parts.name}`
  const names = ['find peer', 'provide', 'find', 'put', 'get']
  if (![...names, 'start'].some(name => cells.wants(group, name))) return

  const { kadDHT, passthroughMapper, cidOf } = await import('../js-libp2p/services.mjs')
  const init = { protocol: '/interop/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper }
  const any = { validators: { interop: async () => {} }, selectors: { interop: () => 0 } }
  const nodes = []
  const started = await cells.run(group, 'start', 20_000, async () => {
    for (let i = 0; i < 6; i++) nodes.push(await createNode(parts, { services: { dht: kadDHT({ ...init, ...any }) } }))
    // all know the first only, and one another through it; a line would be no network that Kademlia promises to search
    for (const node of nodes.slice(1)) await node.dial(parts.multiaddr(nodes[0].getMultiaddrs()[0].toString()))
    const known = node => node.services.dht.routingTable.size
    await until(() => nodes.every((node, i) => known(node) >= (i === 0 ? 5 : 1)), {
      what: 'the others in every routing table',
      timeout: 10_000
    })
  })
  const [, first, , , , last] = nodes
  const cid = await cidOf('provided by one of them')
  const key = new TextEncoder().encode('/interop/key')
  const value = new TextEncoder().encode('put by another')
  const signal = () => ({ signal: AbortSignal.timeout(15_000) })

  const bodies = {
    async 'find peer'() {
      const { id } = await first.peerRouting.findPeer(last.peerId, signal())
      assert(id.equals(last.peerId), `found ${id}`)
    },
    provide: () => first.contentRouting.provide(cid, signal()),
    async find() {
      for await (const { id } of last.contentRouting.findProviders(cid, signal())) {
        if (id.equals(first.peerId)) return
      }
      throw new Error('the provider was not found')
    },
    put: () => last.contentRouting.put(key, value, signal()),
    async get() {
      const got = await first.contentRouting.get(key, signal())
      assert(Buffer.from(got).equals(value), 'another value came back')
    }
  }
  for (const name of names) {
    if (started) await cells.run(group, name, 20_000, bodies[name])
    else cells.add({ group, name, ok: false, ms: 0, error: 'not reached' })
  }
  await Promise.all(nodes.map(node => node.stop()))
}
