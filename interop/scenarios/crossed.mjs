// One part of one implementation inside the other's node, everything else the host's own.
import { assert, createNode, identified, until } from '../lib/node.mjs'
import { pskOf } from '../lib/psk.mjs'
import { Digest, hashed, pattern, receiveDigest, sendAll } from '../lib/streams.mjs'

const ECHO_BYTES = 4_194_304

/** Part -> how the nodes that try it are configured, and what goes along with it. */
const crossings = {
  tcp: {},
  noise: { security: 'noise' },
  plaintext: { security: 'plaintext' },
  yamux: { muxer: 'yamux' },
  mplex: { muxer: 'mplex' },
  identify: { along: ['identifyPush'] },
  ping: {},
  echo: {},
  preSharedKey: { psk: pskOf(1) }
}

export async function crossed(cells, ours, theirs) {
  for (const [host, guest] of [
    [theirs, ours],
    [ours, theirs]
  ]) {
    for (const [part, { along = [], ...options }] of Object.entries(crossings)) {
      const mixed = { ...host }
      for (const name of [part, ...along]) mixed[name] = guest[name]
      await cells.run(`${guest.name} part in ${host.name}`, part, 10_000, () => cross(host, mixed, options))
    }
  }
}

async function cross(host, mixed, options) {
  const nodes = await Promise.all([createNode(host, options, mixed), createNode(host, options)])
  try {
    for (const [dialer, listener] of [nodes, nodes.toReversed()]) {
      const connection = await dialer.dial(host.multiaddr(listener.getMultiaddrs()[0].toString()))
      for (const [asker, asked] of [nodes, nodes.toReversed()]) {
        await until(() => identified(asker, asked.peerId), { what: 'identify data' })
      }
      const ms = await dialer.services.ping.ping(listener.peerId)
      assert(typeof ms === 'number', `ping gave ${ms}`)
      await echo(connection)
      await connection.close()
      await until(() => listener.getConnections().length === 0, { what: 'the connection being closed' })
    }
  } finally {
    await Promise.all(nodes.map(node => node.stop()))
  }
}

async function echo(connection) {
  const stream = await connection.newStream('/echo/1.0.0')
  const sent = new Digest()
  const received = receiveDigest(stream)
  received.catch(() => {})
  await sendAll(stream, hashed(pattern(ECHO_BYTES), sent))
  await stream.close()
  assert(sent.result().sha256 === (await received).sha256, 'the echoed bytes differ')
}
