// idle-frames: frames that change nothing, whichever flags they carry, in each muxer.
const MUXERS = ['yamux', 'mplex', 'spdy']
/** What is forgiven at once is 4,096 frames; what is under way when the victim closes comes on top. */
const MAX_FRAMES = 16_384
const MAX_CLOSE_MS = 5000

export const title = 'frames that change nothing, in every muxer'
export const limitMs = { short: 120_000, long: 180_000 }

export async function run(stage) {
  await stage.begin({ victim: { mplex: true, spdy: true } })
  const attacker = await stage.attacker('idle-frames')
  const measured = await stage.during(() => attacker.ask('flood', { muxers: MUXERS, limit: 4 * MAX_FRAMES }))
  await attacker.stop()
  stage.note(measured)
  for (const { muxer, variant, sent, closedMs } of measured.result) {
    stage.check(
      `${muxer}, ${variant}: closed at its limit`,
      closedMs !== undefined && closedMs <= MAX_CLOSE_MS && sent <= MAX_FRAMES,
      `${sent} frames, ${closedMs === undefined ? 'not closed' : `closed after ${closedMs.toFixed(0)} ms`}`
    )
  }
  stage.check('nine variants of three muxers', measured.result.length === 27, measured.result.length)
  stage.checkHonest(measured)
  stage.checkUncaught(measured)
}
