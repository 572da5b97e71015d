// F6: a million requests whose answers nobody reads.
import { sleep } from '../lib/statistics.mjs'

const REQUESTS = 1_000_000
const MAX_QUEUE = 64 * 1024
// What the socket is given at once, sealed: a write of 256 KiB.
const MAX_IN_SOCKET = 272 * 1024
const MAX_MS = 1000

export const title = 'answers unread'
export const limitMs = { short: 90_000, long: 180_000 }

export async function run(stage) {
  await stage.begin()
  const attacker = await stage.attacker('unread')
  for (const kind of await attacker.ask('kinds')) {
    const measured = await stage.during(() => attacker.ask('flood', { kind, requests: REQUESTS }), { observed: true })
    stage.note(measured)
    const { sent, closedMs } = measured.result
    checkQueue(stage, kind, measured)
    stage.check(
      `${kind}: closed <= 1 s`,
      closedMs !== undefined && closedMs <= MAX_MS,
      closedMs === undefined ? 'open' : `${closedMs.toFixed(0)} ms, ${sent} sent`
    )
    stage.checkUncaught(measured)
  }
  const measured = await stage.during(() => attacker.ask('withinWindow', { ms: 5000 }), { observed: true })
  checkQueue(stage, 'pings within the windows', measured)
  await sleep(stage.short ? 2000 : 10_000)
  stage.checkHonest(await stage.during(() => sleep(stage.short ? 5000 : 20_000)))
  stage.checks.skip('F6 dial-back', 'no module dials back on request yet')
}

function checkQueue(stage, what, { victim }) {
  const { unsent = 0, inSocket = 0 } = victim.peaks
  stage.check(
    `${what}: answers that wait <= 64 KiB`,
    unsent <= MAX_QUEUE && inSocket <= MAX_IN_SOCKET,
    `${(unsent / 1024).toFixed(1)} KiB, behind ${(inSocket / 1024).toFixed(1)} KiB in the socket`
  )
}
