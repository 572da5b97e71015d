// A weft node and a js-libp2p node that dial each other at the same time. js-libp2p keeps both connections.
import { assert, createNode, until } from '../lib/node.mjs'

const ROUNDS = 3
const MOST_PAIRS = 40
const keepAlive = { tags: { 'keep-alive': { value: 1 } } }

export async function crossingDials(cells, ours, theirs) {
  for (const order of ['lesser', 'greater']) {
    await cells.run('dials that cross', `weft has the ${order} id`, 20_000, () => cross(ours, theirs, order))
  }
}

async function cross(ours, theirs, order) {
  const [own, peer] = await pair(ours, theirs, order)
  try {
    const opened = [0, 0]
    for (const [i, node] of [own, peer].entries()) node.addEventListener('connection:open', () => opened[i]++)
    for (let round = 0; round < ROUNDS; round++) {
      opened.fill(0)
      await Promise.all([
        own.dial(ours.multiaddr(peer.getMultiaddrs()[0].toString())),
        peer.dial(theirs.multiaddr(own.getMultiaddrs()[0].toString()))
      ])
      await rest(own, peer, opened, order)
      await Promise.all([own.hangUp(peer.peerId), peer.hangUp(own.peerId)])
      await until(() => counts(own, peer).every(count => count === 0), { what: 'the end of all connections' })
    }
    // The same where each finds again the peer that it lost.
    await own.dial(ours.multiaddr(peer.getMultiaddrs()[0].toString()))
    await until(() => counts(own, peer).every(count => count === 1), { what: 'a connection' })
    await own.peerStore.merge(peer.peerId, keepAlive)
    await peer.peerStore.merge(own.peerId, { ...keepAlive, multiaddrs: own.getMultiaddrs() })
    opened.fill(0)
    for (const connection of own.getConnections()) connection.abort(new Error('the link broke'))
    await until(() => opened.every(count => count > 0), { what: 'a connection after the link broke' })
    await rest(own, peer, opened, order)
  } finally {
    await Promise.all([own.stop(), peer.stop()])
  }
}

/** As many connections as are to be left, without any that was dialed to replace another; they work. */
async function rest(own, peer, opened, order) {
  const most = order === 'greater' ? 1 : 2
  const isCalm = () => [own, peer].every(node => node.getDialQueue().length === 0)
  await until(() => isCalm() && counts(own, peer).every(count => count > 0 && count <= most), { what: 'rest' })
  await Promise.all([own.services.ping.ping(peer.peerId), peer.services.ping.ping(own.peerId)])
  assert(
    opened.every(count => count <= 2),
    `${opened.join(' and ')} connections were opened`
  )
}

/**
 * A weft node and a js-libp2p node, weft's id the lesser or the greater. Both are made anew each time: beside one id that happens
 * to be the least of 41, forty others are all greater.
 */
async function pair(ours, theirs, order) {
  for (let i = 0; i < MOST_PAIRS; i++) {
    const [own, peer] = [await createNode(ours), await createNode(theirs)]
    const isLesser = Buffer.compare(own.peerId.toMultihash().bytes, peer.peerId.toMultihash().bytes) < 0
    if (isLesser === (order === 'lesser')) return [own, peer]
    await Promise.all([own.stop(), peer.stop()])
  }
  throw new Error(`${MOST_PAIRS} pairs were all the other way round`)
}

function counts(own, peer) {
  return [own.getConnections(peer.peerId).length, peer.getConnections(own.peerId).length]
}
