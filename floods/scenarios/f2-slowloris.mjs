// F2: 5,000 connections that send a byte every five seconds, in every phase of the handshake.
import { sleep } from '../lib/statistics.mjs'

const CONNECTIONS = 5000
/**
 * With the connections that a node takes of one address, they hold 720 of its 768 inbound places: what is measured is slow
 * handshakes, not a full node.
 */
const ADDRESSES = 90
/**
 * On a slow machine a thousand a second keep all of a processor busy with the handshakes of those that are let in, and what
 * is measured is the queue of the system before this node accepts.
 */
const OPENED_PER_SECOND = 500
/** Twenty in each phase, within the limits for a network, before the rest comes. */
const CALM = 140
/**
 * The time for a handshake is 3 s, and a second for each 64 bytes that it brings, looked at twice a second; half a second
 * more tells late from never. What is secured has ten seconds for a frame, and for a protocol.
 */
const GONE_MS = {
  multistream: 4000,
  'noise 1': 4500,
  'noise 2': 4500,
  'noise 3': 4500,
  muxer: 8000,
  'yamux header': 10_500,
  protocol: 10_500
}
const LAST_GONE_MS = Math.max(...Object.values(GONE_MS))

export const title = 'slow handshakes'
export const limitMs = { short: 60_000, long: 120_000 }

export async function run(stage) {
  await stage.begin()
  const attacker = await stage.attacker('slowloris', { addresses: stage.network.attackers.slice(0, ADDRESSES) })
  const measured = await stage.during(async () => {
    await attacker.ask('start', { count: CONNECTIONS, perSecond: OPENED_PER_SECOND, calm: CALM })
    // The last were opened now: until they must be gone, and as long again as tells by how much they are late.
    await sleep(LAST_GONE_MS + 3000)
    return attacker.ask('report')
  })
  stage.note(measured)
  const attempts = measured.result
  const phases = [...new Set(attempts.map(({ phase }) => phase))]
  stage.check('connections >= 5,000', attempts.length >= CONNECTIONS, attempts.length)
  for (const phase of phases) {
    const own = attempts.filter(attempt => attempt.phase === phase)
    const reached = own.filter(attempt => attempt.reached)
    const slowest = Math.max(...own.map(({ ms }) => ms))
    const left = own.filter(({ gone }) => !gone).length
    stage.check(
      `${phase}: gone <= ${GONE_MS[phase] / 1000} s`,
      left === 0 && slowest <= GONE_MS[phase] && reached.length > 0,
      `${(slowest / 1000).toFixed(2)} s, ${reached.length} of ${own.length} got so far, ${left} left`
    )
  }
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}
