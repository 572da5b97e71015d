// What is agreed on in a handshake: the muxer, early or not, and identities of each type that both implementations have.
import { assert } from '../lib/node.mjs'
import { talk, withPeers } from '../lib/two-peers.mjs'

const LIMIT = 15_000
const protocols = { yamux: '/yamux/1.0.0', mplex: '/mplex/6.7.0' }

/** The muxer is agreed on in the handshake where both sides offer theirs there, and behind it otherwise. */
export async function earlyMuxers(cells, { dialer, listener, muxers }) {
  for (const security of ['noise', 'tls']) {
    for (const muxer of muxers) {
      const group = `${dialer} > ${listener} ${security} ${muxer} early`
      for (const [name, near, far] of [
        ['both', true, true],
        ['dialer', true, false],
        ['listener', false, true],
        ['neither', false, false]
      ]) {
        await cells.run(group, name, LIMIT, async () => {
          const options = { security, muxer }
          await withPeers(
            [dialer, { ...options, early: near }],
            [listener, { ...options, early: far }],
            async (...peers) => {
              await talk(...peers, options)
              // A TLS listener of js-libp2p takes a muxer that it is offered, whether it offers its own or not.
              const takes = far || (security === 'tls' && listener === 'js')
              const expected = near && takes ? protocols[muxer] : null
              for (const peer of peers.slice(0, 2)) {
                const agreed = await peer.call('earlyMuxer')
                assert(agreed === expected, `${peer.implementation} agreed early on ${agreed}, not on ${expected}`)
              }
            }
          )
        })
      }
    }
  }
}

/** Both sides have an identity of the same type; it is in TLS's certificate, and signs what Noise sends. */
export async function identities(cells, { dialer, listener, muxers }) {
  for (const [security, muxer] of [['noise', 'yamux'], ...muxers.map(muxer => ['tls', muxer])]) {
    for (const identity of ['Ed25519', 'secp256k1', 'RSA']) {
      const group = `${dialer} > ${listener} ${security} ${muxer} identity`
      await cells.run(group, identity, LIMIT, async () => {
        const options = { security, muxer, identity }
        await withPeers([dialer, options], [listener, options], (...peers) => talk(...peers, options))
      })
    }
  }
}
