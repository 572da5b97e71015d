/** `npm run bench:sim`: what it costs to simulate many nodes in one thread. */
import { runDatagramCrowd, questionsEach } from '../../packages/generic/testkit/test/datagram-crowd.ts'
import { runPingCrowd } from '../../packages/libp2p/test/ping-crowd.ts'

/** Seconds of CPU: of this process, so that others do not count. */
const limits = { nodes: 60, datagrams: 90 }

export interface Sizes {
  /** Whole nodes, each of which pings the next. */
  nodes: number
  /** Places that send datagrams. */
  datagrams: number
}

/** Runs both and prints a line for each check. */
export async function runSimulations({ nodes, datagrams }: Sizes): Promise<{ passed: number; failed: number }> {
  const checks: Array<[string, boolean]> = []
  const [datagramCost, crowd] = await cost(async () => runDatagramCrowd(datagrams, 1))
  const wanted = datagrams * questionsEach
  checks.push(
    [`${datagrams} datagram nodes: ${crowd.answers} of ${wanted} answers`, crowd.answers === wanted],
    [`at most ${limits.datagrams} s of CPU: ${datagramCost.toFixed(1)} s`, datagramCost <= limits.datagrams]
  )
  const [nodeCost, { pings, connections, timers }] = await cost(() => runPingCrowd(nodes))
  checks.push(
    [`${nodes} whole nodes: ${pings} pings over ${connections} connections`, pings === nodes && connections === nodes],
    [`at most ${limits.nodes} s of CPU: ${nodeCost.toFixed(1)} s`, nodeCost <= limits.nodes],
    [`no timer is left: ${timers}`, timers === 0]
  )
  for (const [what, held] of checks) console.log(`${held ? 'ok' : 'FAILED'}: ${what}`)
  const passed = checks.filter(([, held]) => held).length
  return { passed, failed: checks.length - passed }
}

async function cost<T>(run: () => Promise<T>): Promise<[seconds: number, outcome: T]> {
  const before = process.cpuUsage()
  const outcome = await run()
  const { user, system } = process.cpuUsage(before)
  return [(user + system) / 1e6, outcome]
}
