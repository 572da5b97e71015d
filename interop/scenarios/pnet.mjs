// Two processes in a private network: every channel inside of it, and whoever is not in it is refused.
import { assert, until } from '../lib/node.mjs'
import { pskOf } from '../lib/psk.mjs'
import { talk, withPeers } from '../lib/two-peers.mjs'

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
  const options = { security, psk: pskOf(1) }
  await withPeers([dialer, options], [listener, options], (near, far, ids) => talk(near, far, ids, options))
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
