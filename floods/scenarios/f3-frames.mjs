// F3: a million frames that move nothing, of each kind.
import { MIB, mib } from '../lib/statistics.mjs'

const FRAMES = 1_000_000
// No more, if each is closed at once.
const MAX_CONNECTIONS = 1000
const MAX_STREAMS = 1024
const MAX_GROWTH = 16 * MIB
/** So long that V8 has collected all of the heap in between: the most is then what honest load takes. */
const BUSY_MS = 6000
const MAX_LOOP_P99_MS = 50
const MAX_LOOP_MS = 250

export const title = 'frames that move nothing'
export const limitMs = { short: 120_000, long: 300_000 }

export async function run(stage) {
  await stage.begin()
  const kinds = ['SYN', 'SYN and RST', 'empty data', ...(stage.short ? [] : ['empty updates', 'pings'])]
  for (const kind of kinds) {
    const attacker = await stage.attacker('frames')
    const measured = await stage.during(
      () =>
        attacker.ask('flood', {
          kind,
          frames: FRAMES,
          ms: stage.short ? 8000 : 30_000,
          maxConnections: MAX_CONNECTIONS
        }),
      { observed: true, busyMs: BUSY_MS }
    )
    await attacker.stop()
    stage.note(measured)
    const { sent, connections, closed, refused, slowestMs } = measured.result
    const { peaks, loop } = measured.victim
    const growth = measured.rss.peak - measured.rss.before
    stage.check(
      `${kind}: frames sent >= 1,000,000`,
      sent >= FRAMES,
      `${sent} on ${connections} connections, ${refused} not let in`
    )
    stage.check(
      `${kind}: every offender closed`,
      closed > 0 && closed === connections - refused,
      `${closed} of ${connections - refused}, after at most ${slowestMs.toFixed(0)} ms`
    )
    stage.check(`${kind}: live streams <= 1,024`, peaks.streams <= MAX_STREAMS, peaks.streams)
    stage.check(`${kind}: RSS + <= 16 MiB`, growth <= MAX_GROWTH, `${mib(measured.rss.before)} + ${mib(growth)}`)
    stage.check(`${kind}: loop p99 <= 50 ms`, loop.p99 <= MAX_LOOP_P99_MS, `${loop.p99.toFixed(1)} ms`)
    stage.check(`${kind}: loop max <= 250 ms`, loop.max <= MAX_LOOP_MS, `${loop.max.toFixed(1)} ms`)
    stage.checkHonest(measured)
    stage.checkUncaught(measured)
  }
}
