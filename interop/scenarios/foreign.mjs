// weft and a peer in another language, each dialing the other, by the convention of libp2p/test-plans.
import { dialOnce } from '../lib/dial-once.mjs'
import { foreignPeers, weft } from '../lib/foreign.mjs'
import { assert } from '../lib/node.mjs'
import { foreignDht } from './foreign-dht.mjs'
import { perfCommands } from './perf-commands.mjs'

const LIMIT_MS = 20_000
const MiB = 1_048_576

/** Builds the peer and resolves with its name, what it can do and its command; with undefined when it is skipped. */
export async function prepareForeign(name) {
  const command = await foreignPeers[name].prepare()
  return command && { name, ...foreignPeers[name], command }
}

export async function foreign(cells, peer) {
  const local = { name: 'weft', agent: /^weft\//, ...weft }
  for (const [dialer, listener] of [
    [local, peer],
    [peer, local]
  ]) {
    for (const security of peer.securities) {
      for (const muxer of peer.muxers) {
        for (const identity of identitiesFor(peer, security)) {
          await pair(cells, { dialer, listener, security, muxer, identity, lacks: peer.lacks })
        }
      }
    }
    if (!peer.lacks.includes('perf upload')) await perfCommands(cells, dialer, listener)
  }
  if (peer.dht !== undefined) await foreignDht(cells, local, peer)
}

/** Plaintext has the same key exchange for every kind of key as the others: one is enough. */
function identitiesFor({ identities }, security) {
  return security === 'plaintext' ? identities.slice(0, 1) : identities
}

async function pair(cells, setup) {
  const { dialer, listener, security, muxer, identity, lacks } = setup
  const group = `${dialer.name} > ${listener.name} ${security} ${muxer} ${identity}`
  const names = Object.keys(scenarios).filter(name => !lacks.includes(name))
  if (!['ping', ...names].some(name => cells.wants(group, name))) return

  let report
  const reported = await cells.run(group, 'ping', LIMIT_MS, async () => {
    report = await dialWithChecks(setup)
    const { handshakePlusOneRTTMillis, pingRTTMilllis } = report
    assert(pingRTTMilllis > 0 && handshakePlusOneRTTMillis > pingRTTMilllis, JSON.stringify(report))
  })
  if (reported && report === undefined) report = await dialWithChecks(setup)
  for (const name of names) {
    await cells.run(group, name, 1000, async () => scenarios[name](report?.checks ?? {}, setup))
  }
}

function dialWithChecks({ dialer, listener, security, muxer, identity }) {
  return dialOnce(dialer, listener, { limitMs: LIMIT_MS, env: { security, muxer, identity, checks: 'true' } })
}

const protocolIds = { noise: '/noise', tls: '/tls/1.0.0', plaintext: '/plaintext/2.0.0' }
const muxerIds = { yamux: '/yamux/1.0.0', mplex: '/mplex/6.7.0' }

const scenarios = {
  connection(checks, { dialer, security, muxer, identity }) {
    const seen = valueOf(checks, 'connection')
    assert(seen.remoteKey === identity, `the other's key is ${seen.remoteKey}`)
    // a peer may have no way to tell these; it offers no others
    if (dialer.tellsProtocols === false) return
    assert(seen.security === protocolIds[security], `encrypted by ${seen.security}`)
    assert(seen.muxer === muxerIds[muxer], `multiplexed by ${seen.muxer}`)
  },

  identify(checks, { listener }) {
    const { agent, protocols } = valueOf(checks, 'identify')
    assert(listener.agent.test(agent), `agent ${agent}`)
    for (const protocol of ['/ipfs/ping/1.0.0', '/ipfs/id/1.0.0', '/echo/1.0.0']) {
      assert(protocols.includes(protocol), `${protocol} is not among ${protocols}`)
    }
  },

  'echo 1 MiB'(checks) {
    const bytes = valueOf(checks, 'echo')
    assert(bytes === MiB, `${bytes} bytes came back`)
  },

  'perf upload'(checks) {
    const bytes = valueOf(checks, 'upload')
    assert(bytes === 8 * MiB, `${bytes} bytes went`)
  },

  'perf download'(checks) {
    const bytes = valueOf(checks, 'download')
    assert(bytes === 8 * MiB, `${bytes} bytes came`)
  },

  /** The muxer is agreed on inside the handshake, where the security protocol can carry that. */
  'early muxer'(checks, { security }) {
    const { earlyMuxer } = valueOf(checks, 'connection')
    assert(earlyMuxer === (security !== 'plaintext'), `agreed on the muxer in the handshake: ${earlyMuxer}`)
  }
}

function valueOf(checks, name) {
  assert(checks[name] !== undefined, 'not reached')
  assert(checks[name].error === undefined, checks[name].error)
  return checks[name]
}
