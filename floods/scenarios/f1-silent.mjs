// F1: 15,000 sockets from 200 addresses that say nothing, each opened again when it is closed.
import { MIB, mib, sleep } from '../lib/statistics.mjs'

const SOCKETS = 15_000
const OPENED_PER_SECOND = 3000
const MAX_RSS = 256 * MIB

export const title = 'silent sockets'
export const limitMs = { short: 70_000, long: 240_000 }

export async function run(stage) {
  await stage.begin()
  const attacker = await stage.attacker('silent')
  const measured = await stage.during(async () => {
    await attacker.ask('start', { total: SOCKETS, perSecond: OPENED_PER_SECOND })
    await sleep(stage.short ? 25_000 : 120_000)
    return attacker.ask('report')
  })
  const { opened, connected, closed, failed, open } = measured.result
  stage.checks.note(
    `F1: ${opened} opened, ${connected} connected, ${closed} closed, ${failed} failed, ${open} open at the end`
  )
  stage.note(measured)
  stage.check('sockets opened >= 15,000', connected >= SOCKETS, connected)
  stage.check('RSS <= 256 MiB', measured.rss.peak <= MAX_RSS, mib(measured.rss.peak))
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}
