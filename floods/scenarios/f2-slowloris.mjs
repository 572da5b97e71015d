// F2: 5,000 connections that send a byte every five seconds, in every phase of the handshake.
import { sleep } from '../lib/statistics.mjs'

const CONNECTIONS = 5000
/**
 * With the connections that a node takes of one address, they hold 720 of its 768 inbound places: what is measured is slow
 * handshakes, not a full node.
 */
const ADDRESSES = 90
const OPENED_PER_SECOND = 1000
/** Twenty in each phase, within the limits for a network, before the rest comes. */
const CALM = 140
const GONE_MS = 10_500

export const title = 'slow handshakes'
export const limitMs = { short: 60_000, long: 120_000 }

export async function run(stage) {
  await stage.begin()
  const attacker = await stage.attacker('slowloris', { addresses: stage.network.attackers.slice(0, ADDRESSES) })
  const measured = await stage.during(async () => {
    await attacker.ask('start', { count: CONNECTIONS, perSecond: OPENED_PER_SECOND, calm: CALM })
    // The last were opened now: until they must be gone, and as long again as tells by how much they are late.
    await sleep(GONE_MS + 3000)
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
      `${phase}: gone <= 10.5 s`,
      left === 0 && slowest <= GONE_MS && reached.length > 0,
      `${(slowest / 1000).toFixed(2)} s, ${reached.length} of ${own.length} got so far, ${left} left`
    )
  }
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}
