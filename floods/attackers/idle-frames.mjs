// Frames that change nothing: a beginning that is sent once, and one frame again and again.
import { concat, fromHex } from '@weft/bytes'
import { encodeControl, encodeDataHeader, encodeSetting, flagFin } from '../../packages/muxers/spdy/dist/core/frame.js'
import { requestBlock } from '../../packages/muxers/spdy/dist/core/header-block.js'
import { ZlibHeaders } from '../../packages/muxers/spdy/dist/header-compression.js'
import { answer, settings } from '../lib/answer.mjs'
import { sleep } from '../lib/statistics.mjs'
import { Wire } from '../lib/wire.mjs'
import { ACK, DATA, FIN, frame, GO_AWAY, PING, RST, SYN, WINDOW } from '../../wirekit/yamux.mjs'

const { host, port, addresses } = settings
// So few in one write that the victim's answer comes between.
const BATCH = 256
const CLOSE_MS = 5000
const PROTOCOLS = { yamux: '/yamux/1.0.0', mplex: '/mplex/6.7.0', spdy: '/spdy/3.1.0' }

/** Stream 1 has ended its side, 3 is open, 5 was reset by the one that opened it, 101 is open: 7 never was. */
const variants = {
  yamux: () => {
    const opened = [1, 3, 5, 101].map(id => frame(WINDOW, SYN, id, 0))
    const begin = concat([...opened, frame(WINDOW, FIN, 1, 0), frame(WINDOW, RST, 5, 0)])
    return {
      'empty data that acknowledges': { begin, again: frame(DATA, ACK, 3, 0) },
      'updates of 0 that acknowledge': { begin, again: frame(WINDOW, ACK, 3, 0) },
      'updates of 1': { begin, again: frame(WINDOW, 0, 3, 1) },
      'ends again': { begin, again: frame(WINDOW, FIN, 1, 0) },
      'resets of a stream that is gone': { begin, again: frame(WINDOW, RST, 5, 0) },
      'resets of streams that never were': { begin, again: frame(WINDOW, RST, 7, 0) },
      'good-byes': { begin, again: frame(GO_AWAY, 0, 0, 0) },
      'answers to no ping': { begin, again: frame(PING, ACK, 0, 7) },
      'an id far ahead': { begin, again: frame(WINDOW, SYN, 1_000_001, 0) }
    }
  },
  // Flags: 0 opens, 2 carries, 4 ends, 6 resets; 1, 3 and 5 are the receiver's.
  mplex: () => {
    // 1, 3, 5 and 101 open, 1 ends, 5 is reset.
    const begin = fromHex('0800' + '1800' + '2800' + 'a80600' + '0c00' + '2e00')
    return {
      'empty data': { begin, again: fromHex('1a00') },
      'empty data of a stream that is gone': { begin, again: fromHex('2a00') },
      'data behind the end': { begin, again: fromHex('0a01aa') },
      'ends again': { begin, again: fromHex('0c00') },
      'ends of a stream that is gone': { begin, again: fromHex('2c00') },
      'resets of a stream that is gone': { begin, again: fromHex('2e00') },
      'resets of streams that never were': { begin, again: fromHex('3e00') },
      'data of a stream that is gone': { begin, again: fromHex('2a01aa') },
      // 2^40
      'an id far ahead': { begin, again: fromHex('808080808080' + '0200') }
    }
  },
  spdy: () => {
    const compression = new ZlibHeaders()
    const open = id => encodeControl(1, 0, [id, 0], concat([new Uint8Array(2), compression.compress(requestBlock)]))
    const opened = [1, 3, 5, 101].map(open)
    const begin = concat([
      encodeSetting(7, 65_536),
      ...opened,
      encodeDataHeader(1, flagFin, 0),
      encodeControl(3, 0, [5, 5])
    ])
    return {
      'empty data': { begin, again: encodeDataHeader(3, 0, 0) },
      'updates of 0': { begin, again: encodeControl(9, 0, [3, 0]) },
      'updates of 1': { begin, again: encodeControl(9, 0, [3, 1]) },
      'updates of 1 of the session': { begin, again: encodeControl(9, 0, [0, 1]) },
      'ends again': { begin, again: encodeDataHeader(1, flagFin, 0) },
      'resets of a stream that is gone': { begin, again: encodeControl(3, 0, [5, 5]) },
      'resets of streams that never were': { begin, again: encodeControl(3, 0, [7, 5]) },
      'good-byes': { begin, again: encodeControl(7, 0, [0, 0]) },
      'an id far ahead': { begin, again: open(1_000_001) }
    }
  }
}
let nextAddress = 0

async function flood(muxer, { begin, again }, limit) {
  const wire = await Wire.connect({ host, port, from: addresses[nextAddress++ % addresses.length] })
  await wire.secure({ own: true, muxers: [PROTOCOLS[muxer]] })
  wire.onBytes = () => {}
  const began = performance.now()
  wire.send(begin)
  const batch = concat(Array.from({ length: BATCH }, () => again))
  let sent = 0
  while (sent < limit && wire.goneAt === undefined) {
    wire.send(batch)
    sent += BATCH
    await wire.drained()
    await sleep(2)
  }
  const closedMs = await Promise.race([wire.gone.then(at => at - began), sleep(CLOSE_MS)])
  wire.close()
  return { sent, closedMs }
}

answer({
  ready() {},
  /** Every variant of every muxer on a connection of its own, one after the other: at most `limit` frames each. */
  async flood({ muxers, limit }) {
    const results = []
    for (const muxer of muxers) {
      for (const [variant, frames] of Object.entries(variants[muxer]())) {
        results.push({ muxer, variant, ...(await flood(muxer, frames, limit)) })
      }
    }
    return results
  }
})
