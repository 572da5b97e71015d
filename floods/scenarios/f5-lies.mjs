// F5: lengths that cannot be, told to every parser that listens.
const TIMES = 16
/** Five times the limit of 100 ms, which holds where nothing else runs (16 ms there): only a hang is a failure under load. */
const MAX_MS = 500
const MAX_BYTES = 128 * 1024

export const title = 'lying lengths'
export const limitMs = { short: 60_000, long: 120_000 }

export async function run(stage) {
  // No honest peer: its megabytes would hide what a lie takes.
  await stage.begin({ victim: { mplex: true }, honest: false })
  const attacker = await stage.attacker('liar')
  for (const parser of await attacker.ask('parsers')) {
    // Once unmeasured: what runs for the first time is compiled.
    await attacker.ask('lie', { parser, times: 1 })
    const before = await stage.victim.ask('memory')
    const measured = await stage.during(() => attacker.ask('lie', { parser, times: TIMES }), { observed: true })
    const after = await stage.victim.ask('memory')
    const slowest = measured.result.reduce((worst, lie) => (lie.slowestMs > worst.slowestMs ? lie : worst))
    const open = measured.result.filter(lie => lie.open > 0)
    stage.check(
      `${parser}: closed <= 500 ms`,
      open.length === 0 && slowest.slowestMs <= MAX_MS,
      open.length > 0 ? `${open[0].name}: ${open[0].open} stay` : `${slowest.slowestMs.toFixed(0)} ms (${slowest.name})`
    )
    const peak = (measured.victim.peaks.buffers - before.external) / TIMES
    const kept =
      (after.heapUsed + after.external - before.heapUsed - before.external) / (TIMES * measured.result.length)
    const largest = Math.max(peak, kept)
    stage.check(
      `${parser}: + <= 128 KiB a lie`,
      largest <= MAX_BYTES,
      `${(peak / 1024).toFixed(1)} KiB of buffers, ${(kept / 1024).toFixed(1)} KiB kept`
    )
    stage.checkUncaught(measured)
  }
}
