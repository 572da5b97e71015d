// How much of the machine other programs use, told by samples from between the measurements.
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Figures of a machine that others use more than this are not written into the documentation. */
export const QUIET = 0.05

/** Processes that were killed are gone after that. */
const SETTLE_MS = 200
const SAMPLE_MS = 300

/** The share of all processors that was busy while nothing of ours ran, from 0 to 1. */
export async function othersShare() {
  await sleep(SETTLE_MS)
  const before = cpuTimes()
  await sleep(SAMPLE_MS)
  const after = cpuTimes()
  return (after.busy - before.busy) / (after.all - before.all)
}

function cpuTimes() {
  let busy = 0
  let all = 0
  for (const { times } of os.cpus()) {
    const total = Object.values(times).reduce((sum, time) => sum + time)
    all += total
    busy += total - times.idle
  }
  return { busy, all }
}
