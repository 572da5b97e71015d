// Under which conditions a run was made.
import os from 'node:os'

/** Sentences. `runtimes`: names with versions; `how`: what was taken how often; `shares`: of ./others.mjs. */
export function conditionsOf({ runtimes, how, shares }) {
  return [
    `${os.cpus().length} x ${os.cpus()[0].model}, ${os.type()} ${os.release()}, loopback;`,
    `${[...new Set(runtimes)].join(', ')}.`,
    how,
    `Other programs used ${percent(mean(shares))} of the processors between the measurements, ${percent(Math.max(...shares))} at most.`
  ]
}

export const mean = list => list.reduce((sum, value) => sum + value, 0) / list.length
export const percent = share => `${(share * 100).toFixed(1)} %`
