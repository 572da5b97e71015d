// secio: 1,000 half frames of 8 MiB, a few at a time.
import { MIB, mib, sleep } from '../lib/statistics.mjs'

const COUNT = 1000
const AT_ONCE = 4
const HALF = 4 * MIB
const MAX_GROWTH = 32 * MIB

export const title = 'frames of SECIO that never end'
export const limitMs = { short: 120_000, long: 180_000 }

export async function run(stage) {
  // No honest peer: its megabytes would hide what a frame takes. The rate of one address would let in one in a second.
  await stage.begin({ victim: { secio: true, exempt: ['0.0.0.0/0'] }, honest: false })
  const attacker = await stage.attacker('half-frames')
  // Once unmeasured: what runs for the first time is compiled, and the heap has its size.
  await attacker.ask('send', { count: 4 * AT_ONCE, atOnce: AT_ONCE })
  let most = 0
  let all = 0
  const measured = await stage.during(async () => {
    let over = false
    const sending = attacker.ask('send', { count: COUNT, atOnce: AT_ONCE }).finally(() => {
      over = true
    })
    while (!over) {
      const held = await stage.victim.ask('unread')
      most = Math.max(most, held.most)
      all = Math.max(all, held.all)
      await sleep(10)
    }
    return sending
  })
  stage.note(measured)
  const { sent } = measured.result
  const growth = measured.rss.peak - measured.rss.before
  stage.check('half frames that came whole: 1,000', sent >= COUNT, sent)
  stage.check('a half frame is charged: 4 MiB', most >= HALF && most <= HALF + MIB, mib(most))
  stage.check('what all hold is charged', all >= 2 * HALF, mib(all))
  stage.check('RSS + <= 32 MiB', growth <= MAX_GROWTH, mib(growth))
  await sleep(500)
  const after = await stage.victim.ask('unread')
  stage.check('all is given back', after.all === 0, mib(after.all))
  stage.checkUncaught(measured)
}
