// Two peers that are there for one cell.
import { assert } from './node.mjs'
import { Peer } from './spawn.mjs'

const BYTES = 1_048_576

/** Starts both, each an implementation and the options of its node, calls `body`, and ends them. */
export async function withPeers([dialer, dialerOptions], [listener, listenerOptions], body) {
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

/** The dialer dials, and both say a little of everything. */
export async function talk(dialer, listener, ids, { security, muxer = 'yamux' }) {
  const { remotePeer, encryption, multiplexer } = await dialer.call('dial', { addr: ids.listener.addrs[0] })
  assert(remotePeer === ids.listener.peerId, `dialed ${remotePeer}`)
  assert(encryption?.includes(security), `encrypted by ${encryption}`)
  assert(multiplexer?.includes(muxer), `multiplexed by ${multiplexer}`)
  await dialer.call('ping')
  for (const [asker, asked] of [
    [dialer, ids.listener],
    [listener, ids.dialer]
  ]) {
    await asker.call('known', { peer: asked.peerId })
  }
  const { sent, received } = await dialer.call('echo', { bytes: BYTES, window: BYTES / 2 })
  assert(received.bytes === BYTES && sent.sha256 === received.sha256, 'the echoed bytes differ')
}
