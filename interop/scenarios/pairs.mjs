// Two processes, one dials the other: every security x every muxer over TCP on loopback.
import { assert, until } from '../lib/node.mjs'
import { Peer } from '../lib/spawn.mjs'

const MiB = 1_048_576
const ECHO_BYTES = 64 * MiB

/** mplex has no flow control: who sends without end must not run far ahead of who reads. */
const ECHO_WINDOW = { mplex: MiB / 2 }

/** What a killed process leaves behind must be gone by then: it takes 50 ms where nothing else runs. */
const KILL_LIMIT = 10_000
/** Where a side is killed: what ends then is the socket, the same under all others. `--kill-all` takes every pair. */
const KILLED = ['noise yamux', 'tls mplex']
/** Of a ping on loopback, milliseconds: it takes one where nothing else runs. */
const PING_LIMIT = 10_000

export async function pairs(cells, { dialer, listener, securities, muxers, killAll = false }) {
  for (const security of securities) {
    for (const muxer of muxers) {
      const kills = killAll || KILLED.includes(`${security} ${muxer}`)
      await pair(cells, { dialer, listener, security, muxer, kills })
    }
  }
}

async function pair(cells, setup) {
  const group = `${setup.dialer} > ${setup.listener} ${setup.security} ${setup.muxer}`
  const names = [...Object.keys(scenarios), ...(setup.kills ? ['kill listener', 'kill dialer'] : [])]
  if (!['connect', ...names].some(name => cells.wants(group, name))) return

  const peers = await start(setup)
  const connected = await cells.run(group, 'connect', 10_000, () => connect(peers, setup))
  if (connected) {
    if (!cells.wants(group, 'connect')) await connect(peers, setup)
    for (const [name, scenario] of Object.entries(scenarios))
      await cells.run(group, name, 30_000, () => scenario(peers, setup))
    await cells.run(group, 'unhandled', 1000, async () => {
      const all = [...peers.dialer.unhandled, ...peers.listener.unhandled]
      assert(all.length === 0, all.join('\n'))
    })
  } else {
    for (const name of names) cells.add({ group, name, ok: false, ms: 0, error: 'not reached' })
  }
  await Promise.all([peers.dialer.kill(), peers.listener.kill()])
  if (!connected || !setup.kills) return
  for (const [name, victim, survivor] of [
    ['kill listener', 'listener', 'dialer'],
    ['kill dialer', 'dialer', 'listener']
  ]) {
    await cells.run(group, name, 20_000, () => kill(setup, victim, survivor))
  }
}

async function start({ dialer, listener, security, muxer }) {
  const peers = { dialer: new Peer(dialer), listener: new Peer(listener) }
  peers.ids = {
    dialer: await peers.dialer.call('start', { security, muxer, listen: true }),
    listener: await peers.listener.call('start', { security, muxer, listen: true })
  }
  return peers
}

async function connect({ dialer, ids }, { security, muxer }) {
  const addr = ids.listener.addrs[0]
  const connection = await dialer.call('dial', { addr })
  assert(connection.remotePeer === ids.listener.peerId, `dialed ${connection.remotePeer}`)
  assert(connection.encryption?.includes(security), `encrypted by ${connection.encryption}`)
  assert(connection.multiplexer?.includes(muxer), `multiplexed by ${connection.multiplexer}`)
}

const agents = { weft: /weft/i, js: /js-libp2p/ }

const scenarios = {
  async identify({ dialer, listener, ids }) {
    for (const [asker, asked, { peerId, addrs }] of [
      [dialer, listener, ids.listener],
      [listener, dialer, ids.dialer]
    ]) {
      const known = await asker.call('known', { peer: peerId })
      assert(agents[asked.implementation].test(known.agent), `agent ${known.agent}`)
      for (const protocol of ['/ipfs/ping/1.0.0', '/ipfs/id/1.0.0', '/interop/echo/1.0.0']) {
        assert(known.protocols.includes(protocol), `${protocol} is not among ${known.protocols}`)
      }
      const bare = addrs[0].split('/p2p/')[0]
      assert(
        known.addrs.some(addr => addr.startsWith(bare)),
        `${bare} is not among ${known.addrs}`
      )
    }
  },

  async ping({ dialer, listener }) {
    for (let i = 0; i < 3; i++) {
      const ms = await dialer.call('ping')
      assert(typeof ms === 'number' && ms < PING_LIMIT, `ping took ${ms} ms`)
    }
    assert((await listener.call('connections')) === 1, 'the listener has not exactly one connection')
  },

  async 'echo 64 MiB'({ dialer }, { muxer }) {
    const { sent, received } = await dialer.call('echo', { bytes: ECHO_BYTES, window: ECHO_WINDOW[muxer] })
    same(sent, received, ECHO_BYTES)
  },

  async '1,000 streams'({ dialer }) {
    const { opened, right } = await dialer.call('many', { count: 1000 })
    assert(opened === 1000 && right === 1000, `${opened} opened, ${right} echoed their own bytes`)
  },

  async 'half-close'({ dialer, listener }) {
    for (const protocol of ['listenerFirst', 'dialerFirst']) {
      const outcome = listener.call('outcome', { protocol })
      const there = await dialer.call(protocol)
      const here = await outcome
      same(there.sent, here.received, MiB)
      same(here.sent, there.received, MiB)
    }
  },

  async reset({ dialer, listener }) {
    const byListener = await dialer.call('resetByListener')
    assert(byListener.error === 'StreamResetError', `reset by the listener was ${byListener.error} for the dialer`)
    const outcome = listener.call('outcome', { protocol: 'hold' })
    await dialer.call('resetByDialer')
    const byDialer = await outcome
    assert(byDialer.error === 'StreamResetError', `reset by the dialer was ${byDialer.error} for the listener`)
    await dialer.call('ping')
  }
}

/** One side is killed while a stream is being written: the other side's stream and connection end in bounded time. */
async function kill(setup, victim, survivor) {
  const peers = await start(setup)
  try {
    await connect(peers, setup)
    await peers.dialer.call('hold')
    const end = survivor === 'dialer' ? ['heldEnded'] : ['outcome', { protocol: 'hold' }]
    const started = Date.now()
    await peers[victim].kill()
    const { error } = await peers[survivor].call(...end)
    await until(async () => (await peers[survivor].call('connections')) === 0, { what: 'the connection being closed' })
    const took = Date.now() - started
    assert(took < KILL_LIMIT, `the stream and its connection ended after ${took} ms`)
    if (setup[survivor] === 'weft') assert(error !== 'closed', 'the stream of a killed peer ended without an error')
  } finally {
    await Promise.all([peers.dialer.kill(), peers.listener.kill()])
  }
}

function same(sent, received, bytes) {
  assert(sent.bytes === bytes && received.bytes === bytes, `sent ${sent.bytes}, received ${received.bytes} of ${bytes}`)
  assert(sent.sha256 === received.sha256, `the bytes differ: ${sent.sha256}, ${received.sha256}`)
}
