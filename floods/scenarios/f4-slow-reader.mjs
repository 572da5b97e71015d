// F4: 1 GB on 64 streams to a reader that is slow: the victim reads slowly, then the victim sends to one that does.
import { MIB, mib, sleep } from '../lib/statistics.mjs'

const BYTES = 1_024_000_000
const SLOW = 1_000_000
const MAX_BUFFERED = 16 * MIB
// Of streams that are full at once: more than a connection may hold. The first one holds the most.
const FULL_STREAMS = 90
const WINDOW = 256 * 1024

export const title = 'slow readers'
export const limitMs = { short: 90_000, long: 600_000 }

export async function run(stage) {
  // perf at its default serves one stream of a peer; here it is the source of 64.
  await stage.begin({ victim: { perfStreams: 64 } })
  await victimReads(stage)
  await victimSends(stage)
  await victimReadsNothing(stage)
}

async function victimReads(stage) {
  const sender = await stage.attacker('slow-streams')
  let under = 0
  const measured = await stage.during(
    async () => {
      await stage.victim.ask('slowReader', { bytesPerSecond: SLOW })
      await sender.ask('send', { bytes: BYTES })
      for (let i = 0; i < (stage.short ? 15 : 30); i++) {
        await sleep(1000)
        const { consumed } = await stage.victim.ask('slowReader')
        under = Math.max(under, (await sender.ask('report')).left - consumed)
      }
      const blocked = await sender.ask('report')
      if (!stage.short) await finishReading(stage, sender)
      return { blocked, after: await sender.ask('report'), reader: await stage.victim.ask('slowReader') }
    },
    { observed: true }
  )
  await sender.stop()
  stage.note(measured)
  const { blocked, after, reader } = measured.result
  stage.check('reading: under way <= 16 MiB', under <= MAX_BUFFERED && under > 0, mib(under))
  stage.check('reading: sender waits', blocked.blocked === 64, `${blocked.blocked} of 64 streams`)
  const resets = [...after.errors, ...reader.errors]
  stage.check('reading: no reset', resets.length === 0 && after.open && reader.streams === 64, resets[0] ?? '0')
  if (!stage.short) stage.check('reading: all of 1 GB arrives', reader.consumed === BYTES, reader.consumed)
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}

async function finishReading(stage, sender) {
  await stage.victim.ask('slowReader', { bytesPerSecond: 1e9 })
  for (let i = 0; i < 240 && (await sender.ask('report')).done < 64; i++) await sleep(1000)
}

async function victimSends(stage) {
  const reader = await stage.attacker('slow-streams')
  const measured = await stage.during(
    async () => {
      await reader.ask('rate', { bytesPerSecond: SLOW })
      await reader.ask('fetch', { bytes: BYTES })
      await sleep(stage.short ? 15_000 : 30_000)
      const slow = await reader.ask('report')
      if (!stage.short) {
        await reader.ask('rate', { bytesPerSecond: 1e9 })
        for (let i = 0; i < 240 && (await reader.ask('report')).done < 64; i++) await sleep(1000)
      }
      return { slow, after: await reader.ask('report') }
    },
    { observed: true }
  )
  await reader.stop()
  stage.note(measured)
  const { slow, after } = measured.result
  const growth = measured.rss.peak - measured.rss.before
  const { unsent, inSocket } = measured.victim.peaks
  const waiting = unsent + inSocket
  stage.check('sending: unsent <= 16 MiB', waiting <= MAX_BUFFERED && waiting > 0, mib(waiting))
  stage.checks.note(`F4 sending: RSS + ${mib(growth)}`)
  stage.check('sending: victim waits', slow.received < BYTES / 10, `${mib(slow.received)} read`)
  stage.check('sending: no reset', after.errors.length === 0 && after.open, after.errors[0] ?? '0')
  if (!stage.short) stage.check('sending: all of 1 GB arrives', after.received === BYTES, after.received)
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}

/** 90 streams fill their windows, and nobody reads: that costs the streams that hold most, until the rest fits; not the connection. */
async function victimReadsNothing(stage) {
  await stage.victim.ask('slowReader', { bytesPerSecond: 0 })
  const sender = await stage.attacker('slow-streams')
  const measured = await stage.during(
    async () => {
      // Less than a window with the line that names the protocol.
      await sender.ask('fill', { streams: FULL_STREAMS, bytes: WINDOW - 8 * 1024, most: WINDOW - 1024 })
      const times = []
      for (let i = 0; i < 30; i++) {
        await sleep(500)
        const { ended, open } = await sender.ask('report')
        if (ended.length > 0 || !open) times.push({ at: (i + 1) / 2, ended, open })
        if (times.length >= 4) break
      }
      return { times, after: await sender.ask('report') }
    },
    { observed: true }
  )
  await sender.stop()
  stage.note(measured)
  const { times, after } = measured.result
  const [first] = times
  stage.check('90 full streams: the connection stays', after.open, after.open ? 'open' : 'closed')
  stage.check(
    '90 full streams: those that hold most are reset after 10 s',
    first !== undefined && first.ended.includes(0) && first.at >= 8,
    first === undefined
      ? 'none'
      : `${first.ended.length}, the fullest ${first.ended.includes(0) ? '' : 'not '}among them, after ${first.at} s`
  )
  // A third has to go: what they hold together is 22 MiB, and 16 are held.
  stage.check('90 full streams: others go on, >= 30', after.ended.length <= 60, FULL_STREAMS - after.ended.length)
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}
