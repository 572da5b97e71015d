// weft and early peers, each direction: every muxer that they share, and every agreement that SECIO can come to.
import path from 'node:path'
import { buildGo } from '../lib/foreign.mjs'
import { assert, until } from '../lib/node.mjs'
import { installStacks, root } from '../lib/setup.mjs'
import { Peer } from '../lib/spawn.mjs'
import { limitOf } from './legacy-limits.mjs'

const MiB = 1_048_576

/** mplex has no flow control: who sends without end must not run far ahead of who reads. */
const ECHO_WINDOW = MiB / 2

/** stack: the folder of its packages. muxer: its module. ours: weft's muxer that it meets. channel: weft's, else SECIO. */
const rows = [
  { stack: 's05', muxer: 'spdy', ours: 'spdy', channel: 'noChannel' },
  { stack: 'go', muxer: 'spdystream', ours: 'spdy', channel: 'earlyPlaintext' },
  { stack: 'l15', muxer: 'multiplex', ours: 'mplex' },
  { stack: 'l15', muxer: 'spdy', ours: 'spdy' },
  { stack: 'l24', muxer: 'mplex', ours: 'mplex' },
  { stack: 'l24', muxer: 'spdy', ours: 'spdy' },
  { stack: 'l26', muxer: 'mplex', ours: 'mplex' },
  { stack: 'l26', muxer: 'spdy', ours: 'spdy' },
  // It asks for identify on each stream of ours and never ends those streams: after 8 on a connection we refuse.
  { stack: 'l26', muxer: 'pull-mplex', ours: 'mplex', connectsAnew: true },
  { stack: 'l30', muxer: 'mplex', ours: 'mplex' },
  { stack: 'l31', muxer: 'mplex', ours: 'mplex' }
]

const stacks = [...new Set(rows.map(({ stack }) => stack))]

// Until 0.27 an id was always the hash of its key: Ed25519 keys had other ids than today, RSA keys had not.
const identity = 'RSA'

const exchanges = ['P-256', 'P-384', 'P-521']
const ciphers = ['AES-128', 'AES-256']
const hashes = ['SHA256', 'SHA512']

/** Installs the peers. Resolves with the commands of those that are no packages of Node, where their toolchain is there. */
export async function prepareLegacy() {
  const go = await buildGo('go spdystream', path.join(root, 'interop/legacy/go'), 'spdy-peer')
  installStacks(stacks.filter(stack => stack !== 'go'))
  return { go }
}

export async function legacy(cells, commands) {
  const present = rows.filter(({ stack }) => stack !== 'go' || commands.go !== undefined)
  for (const row of present) await pair(cells, { ...row, command: commands[row.stack] })
  for (const stack of stacks) {
    const row = rows.find(row => row.stack === stack)
    if (row.channel === undefined) await agreements(cells, row)
  }
}

/** Both directions over one muxer. */
async function pair(cells, row) {
  const { stack, muxer, connectsAnew } = row
  const dialing = `weft > ${stack} ${muxer}`
  const listening = `${stack} > weft ${muxer}`
  if (![dialing, listening].some(group => names.some(name => cells.wants(group, name)))) return
  const peers = await start(row)
  try {
    for (const [group, dialer, listener] of [
      [dialing, peers.weft, peers.early],
      [listening, peers.early, peers.weft]
    ]) {
      for (const [name, scenario] of Object.entries(scenarios)) {
        const limit = limitOf(row, name)
        if (limit !== undefined) {
          cells.limit(group, name, limit)
          continue
        }
        await cells.run(group, name, 20_000, () => scenario({ dialer, listener, ids: peers.ids }))
        if (connectsAnew && name !== 'connect' && name !== 'close') {
          await disconnect(dialer, listener)
          await connect(dialer, listener, peers.ids)
        }
      }
    }
  } finally {
    await Promise.all([peers.weft.kill(), peers.early.kill()])
  }
}

/** Every curve with every cipher and hash: weft offers just these, so that nothing else can be agreed. */
async function agreements(cells, { stack, muxer, ours }) {
  const dialing = `weft > ${stack} secio`
  const listening = `${stack} > weft secio`
  const offers = exchanges.flatMap(e => ciphers.flatMap(c => hashes.map(h => [e, c, h])))
  const wanted = ([e, c, h], group) => cells.wants(group, `${e} ${c} ${h}`)
  if (!offers.some(offer => wanted(offer, dialing) || wanted(offer, listening))) return
  const peers = await start({ stack, muxer, ours })
  try {
    for (const [exchange, cipher, hash] of offers) {
      const offer = { exchanges: [exchange], ciphers: [cipher], hashes: [hash] }
      const options = { identity, security: 'secio', securityOptions: { offer }, muxer: ours }
      const ids = await peers.weft.call('start', options)
      const name = `${exchange} ${cipher} ${hash}`
      peers.ids.set(peers.weft, ids)
      for (const [group, dialer, listener] of [
        [dialing, peers.weft, peers.early],
        [listening, peers.early, peers.weft]
      ]) {
        await cells.run(group, name, 10_000, async () => {
          await connect(dialer, listener, peers.ids)
          const { sent, received } = await dialer.call('echo', { bytes: 100_000, window: ECHO_WINDOW })
          same(sent, received, 100_000)
          // It loses count of a connection that ends while it asks who is there.
          if (stack === 'l15') await peers.weft.call('quiet')
          await disconnect(dialer, listener)
        })
      }
      await peers.weft.call('stop')
    }
  } finally {
    await Promise.all([peers.weft.kill(), peers.early.kill()])
  }
}

async function start({ stack, muxer, ours, channel = 'secio', command }) {
  const peers = { weft: new Peer('weft'), early: new Peer(stack, command) }
  const early = await peers.early.call('start', { muxer })
  // Channels that prove nothing are told who is there.
  const securityOptions = channel === 'secio' ? undefined : { remotePeer: early.peerId }
  const weft = await peers.weft.call('start', { identity, security: channel, securityOptions, muxer: ours })
  peers.ids = new Map([
    [peers.weft, weft],
    [peers.early, early]
  ])
  return peers
}

async function connect(dialer, listener, ids) {
  const { peerId, addrs } = ids.get(listener)
  const { remotePeer } = await dialer.call('dial', { addr: addrs[0] })
  assert(remotePeer === peerId, `dialed ${remotePeer}`)
}

const scenarios = {
  connect: ({ dialer, listener, ids }) => connect(dialer, listener, ids),

  async identify({ dialer, listener, ids }) {
    for (const [asker, asked] of [
      [dialer, listener],
      [listener, dialer]
    ]) {
      if (!learns(asker, dialer)) continue
      const { protocols } = await asker.call('known', { peer: ids.get(asked).peerId })
      // Until 0.24 a node named what it served when it began to listen, not what was added later.
      const expected = asked.implementation === 'weft' ? ['/ipfs/ping/1.0.0', '/echo/1.0.0'] : ['/ipfs/id/1.0.0']
      for (const protocol of expected) assert(protocols.includes(protocol), `${protocol} is not among ${protocols}`)
    }
  },

  async ping({ dialer }) {
    for (let i = 0; i < 3; i++) {
      const ms = await dialer.call('ping')
      assert(typeof ms === 'number' && ms < 10_000, `ping took ${ms} ms`)
    }
  },

  async 'echo 1 MiB'({ dialer }) {
    const { sent, received } = await dialer.call('echo', { bytes: MiB, window: ECHO_WINDOW })
    same(sent, received, MiB)
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

  /** The stream ends for the other side, at once and wherever it stood, and the connection does not. */
  async reset({ dialer, listener }) {
    const byListener = await dialer.call('resetByListener')
    checkReset(dialer, byListener)
    const outcome = listener.call('outcome', { protocol: 'hold' })
    await dialer.call('resetByDialer')
    checkReset(listener, await outcome)
    await dialer.call('echo', { bytes: 1 })
  },

  close: ({ dialer, listener }) => disconnect(dialer, listener)
}

/** Both sides must have seen it: who still believes in a connection dials no other. Who is left may be the faster one. */
async function disconnect(dialer, listener) {
  await dialer.call('close').catch(error => assert(error.name === 'ConnectionClosedError', `${error}`))
  for (const peer of [dialer, listener]) {
    await until(async () => (await peer.call('connections')) === 0, { what: `no connection at ${peer.implementation}` })
  }
}

/** 0.15 asks and keeps nothing but addresses; in 0.24 only who was dialed asks. */
function learns(asker, dialer) {
  return asker.implementation !== 'l15' && !(asker.implementation === 'l24' && asker === dialer)
}

const names = Object.keys(scenarios)

/** Early peers show a reset as an end, some with an error. */
function checkReset(peer, { error }) {
  if (peer.implementation === 'weft') assert(error === 'StreamResetError', `the reset was ${error}`)
}

function same(sent, received, bytes) {
  assert(sent.bytes === bytes && received.bytes === bytes, `sent ${sent.bytes}, received ${received.bytes} of ${bytes}`)
  assert(sent.sha256 === received.sha256, `the bytes differ: ${sent.sha256}, ${received.sha256}`)
}
