// Two processes in a private network: every channel inside of it, and whoever is not in it is refused.
import { assert, until } from '../lib/node.mjs'
import { pskOf } from '../lib/psk.mjs'
import { Peer } from '../lib/spawn.mjs'

const BYTES = 1_048_576

// js-libp2p waits for the whole of its handshake budget, 10 s, for what it cannot read.
const REFUSAL_LIMIT = 15_000

export async function pnet(cells, { dialer, listener, securities }) {
  const group = `${dialer} > ${listener} pnet`
  for (const security of securities) {
    await cells.run(group, security, 10_000, () => together(dialer, listener, security))
  }
  for (const [name, there, here] of [
    ['other key', pskOf(1), pskOf(2)],
    ['dialer without', undefined, pskOf(1)],
    ['listener without', pskOf(1), undefined]
  ]) {
    await cells.run(group, name, REFUSAL_LIMIT + 2000, () => refused(dialer, listener, there, here))
  }
}

async function together(dialer, listener, security) {
  const psk = pskOf(1)
  await withPeers([dialer, { security, psk }], [listener, { security, psk }], async (near, far, ids) => {
    const { remotePeer, encryption } = await near.call('dial', { addr: ids.listener.addrs[0] })
    assert(remotePeer === ids.listener.peerId, `dialed ${remotePeer}`)
    assert(encryption?.includes(security), `encrypted by ${encryption}`)
    await near.call('ping')
    await far.call('known', { peer: ids.dialer.peerId })
    const { sent, received } = await near.call('echo', { bytes: BYTES })
    assert(received.bytes === BYTES && sent.sha256 === received.sha256, 'the echoed bytes differ')
  })
}

async function refused(dialer, listener, there, here) {
  await withPeers([dialer, { psk: there }], [listener, { psk: here }], async (near, far, ids) => {
    const outcome = await near.call('dial', { addr: ids.listener.addrs[0] }).catch(error => error)
    assert(outcome instanceof Error, 'it was not refused')
    for (const peer of [near, far]) {
      await until(async () => (await peer.call('connections')) === 0, { what: 'the connection being closed' })
    }
  })
}

async function withPeers([dialer, dialerOptions], [listener, listenerOptions], body) {
  const [near, far] = [new Peer(dialer), new Peer(listener)]
  try {
    const ids = { dialer: await near.call('start', dialerOptions), listener: await far.call('start', listenerOptions) }
    await body(near, far, ids)
    const unhandled = [...near.unhandled, ...far.unhandled]
    assert(unhandled.length === 0, unhandled.join('\n'))
  } finally {
    await Promise.all([near.kill(), far.kill()])
  }
}
