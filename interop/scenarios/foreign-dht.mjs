// A foreign peer that serves a Kademlia DHT, which weft asks by bytes: it is there for a DHT of weft's to be tested against.
import { dialOnce } from '../lib/dial-once.mjs'
import { assert } from '../lib/node.mjs'

const LIMIT_MS = 20_000
const FIND_NODE = 4

export async function foreignDht(cells, local, peer) {
  const env = { security: 'noise', muxer: 'yamux', identity: 'ed25519', checks: 'true', dht: 'server' }
  const dial = (dialer, listener) => dialOnce(dialer, listener, { limitMs: LIMIT_MS, env })

  await cells.run(`${local.name} > ${peer.name} kad-dht`, 'find node', LIMIT_MS, async () => {
    const { checks } = await dial(local, peer)
    const { protocols } = valueOf(checks, 'identify')
    assert(protocols.includes(peer.dht), `${peer.dht} is not among ${protocols}`)
    const { type, closerPeers } = valueOf(checks, 'findNode')
    assert(type === FIND_NODE, `answered by a message of type ${type}`)
    const { remoteAddr } = valueOf(checks, 'connection')
    const itself = closerPeers.find(({ id }) => remoteAddr.endsWith(`/p2p/${id}`))
    assert(itself !== undefined, `${remoteAddr} is not among ${JSON.stringify(closerPeers)}`)
    const found = itself.addrs.some(addr => remoteAddr.startsWith(`${addr}/p2p/`))
    assert(found, `${remoteAddr} is not among ${itself.addrs}`)
  })

  await cells.run(`${peer.name} > ${local.name} kad-dht`, 'ping', LIMIT_MS, async () => {
    const { dht } = await dial(peer, local)
    assert(dht?.mode === 'server' && dht.protocol === peer.dht, `serves ${JSON.stringify(dht)}`)
  })
}

function valueOf(checks, name) {
  assert(checks[name].error === undefined, checks[name].error)
  return checks[name]
}
