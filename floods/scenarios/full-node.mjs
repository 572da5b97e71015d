// full-node: 16 peers hold the victim's memory full for a minute, while honest peers are idle, dial, and talk.
import { MIB, mib, sleep } from '../lib/statistics.mjs'

const IDLE = 5
// What connections were promised and do not use is nobody else's: 64 KiB each.
const FULL = 0.97

export const title = 'the memory of the node is held full'
export const limitMs = { short: 130_000, long: 200_000 }

export async function run(stage) {
  // 16 peers of one address: elsewhere they would have one each. The service that does not read takes as many streams of each.
  await stage.begin({ victim: { perAddress: 64 } })
  const idle = await stage.honestPeers('idle-peers')
  await idle.ask('start', { count: IDLE })
  const attacker = await stage.attacker('hoarders')
  await attacker.ask('start')
  const seconds = stage.short ? 60 : 120
  let full = 0
  const measured = await stage.during(async () => {
    for (let i = 0; i < seconds; i++) {
      await sleep(1000)
      const { memory, limit } = await stage.victim.ask('held')
      if (memory >= FULL * limit) full++
    }
    return { attacker: await attacker.ask('report'), idle: await idle.ask('report') }
  })
  stage.note(measured)
  const { opened, ended, dials } = measured.result.attacker
  stage.checks.note(`full-node: ${opened} streams opened, ${ended} ended, ${dials} connections`)
  const { lost } = measured.result.idle
  const { memory, limit } = await stage.victim.ask('held')
  stage.check(`memory is full, >= ${0.9 * seconds} of ${seconds} s`, full >= 0.9 * seconds, `${full} s, ${mib(memory)}`)
  stage.check('memory within its limit', memory <= limit, mib(memory))
  stage.check('idle connections that were lost: 0', lost.length === 0, lost[0] ?? '0')
  stage.check('RSS <= 768 MiB', measured.rss.peak <= 768 * MIB, mib(measured.rss.peak))
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}
