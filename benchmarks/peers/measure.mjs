// The figures of one pair of peers, each from processes of its own.
import { dialOnce } from '../../interop/lib/dial-once.mjs'
import { runPerfCommands } from '../../interop/lib/perf-run.mjs'
import { median, nextBytes } from './plan.mjs'

/** A measurement that takes longer than this has hung. */
const LIMIT_MS = 60_000
const FIRST_BYTES = 32 * 1_048_576

/** MB/s of a transfer that takes `seconds` or more, with the dial in it. */
export async function transferRate(client, server, security, direction, seconds) {
  for (let bytes = FIRST_BYTES; ; ) {
    const amounts = { upload: 0, download: 0, [direction]: bytes }
    const run = runPerfCommands(client, server, { ...amounts, limitMs: LIMIT_MS, env: envOf(security) })
    const { timeSeconds } = await within(run, `${client.name} > ${server.name} ${security} ${direction}`)
    const next = nextBytes(bytes, timeSeconds, seconds)
    if (next === undefined) return bytes / 1e6 / timeSeconds
    bytes = next
  }
}

/** Medians in ms over `count` pairs of fresh processes: from the dial to the answer to a ping, and that ping alone. */
export async function firstPing(client, server, security, count) {
  const reports = []
  for (let i = 0; i < count; i++) {
    reports.push(await dialOnce(client, server, { limitMs: LIMIT_MS, env: envOf(security) }))
  }
  return {
    handshake: median(reports.map(report => report.handshakePlusOneRTTMillis)),
    // the field is named so in the convention
    roundTrip: median(reports.map(report => report.pingRTTMilllis))
  }
}

const envOf = security => ({ security, muxer: 'yamux', identity: 'ed25519' })

async function within(promise, what) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${LIMIT_MS} ms`)), LIMIT_MS)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
