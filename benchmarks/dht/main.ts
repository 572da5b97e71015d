/** `npm run sim:dht`: lookups in networks of real kad nodes on virtual time. */
import { placeOf } from '../../packages/routing/kad-routing/src/core/key.ts'
import { kadRequest, messageTypes } from '../../packages/routing/kad-routing/src/index.ts'
import { answers, roles, serveAs } from './adversaries.ts'
import { pause, World } from './world.ts'

/** What is run. */
export interface SimOptions {
  nodes: number
  lookups: number
  seed: number
}

/** How a network fares. */
interface Outcome {
  success: number
  hops: number
  messages: number
  messagesP95: number
}

interface Scenario {
  name: string
  /** Share of nodes that do harm. */
  malicious: number
  /** Median minutes that a node stays; Infinity where nobody leaves. */
  session: number
  /** Virtual minutes of churn before and between lookups. */
  minutes: number
  success: number
}

const scenarios: readonly Scenario[] = [
  { name: 'static', malicious: 0, session: Number.POSITIVE_INFINITY, minutes: 0, success: 0.999 },
  { name: 'sessions of 60 minutes', malicious: 0, session: 60, minutes: 15, success: 0.99 },
  { name: '20 % malicious, 3 paths', malicious: 0.2, session: Number.POSITIVE_INFINITY, minutes: 0, success: 0.97 }
]

/** Of 1,000 nodes or fewer; a hop more for each further factor of ten. */
const maxHops = (nodes: number): number => 3 + Math.max(0, Math.log10(nodes / 1000))
const maxMessages = 60
const maxMessagesP95 = 80
/** Nodes that join at once, and lookups that run at once. */
const width = 25

/** Runs all scenarios, or the one whose name begins so, and prints a line for each check. */
export async function runSimulations(
  options: SimOptions & { only?: string }
): Promise<{ passed: number; failed: number }> {
  const checks: Array<[string, boolean]> = []
  for (const scenario of scenarios) {
    if (options.only !== undefined && !scenario.name.startsWith(options.only)) continue
    const before = process.cpuUsage()
    const { success, hops, messages, messagesP95 } = await runScenario(scenario, options)
    const { user, system } = process.cpuUsage(before)
    const of = `${options.nodes} nodes, ${scenario.name}`
    const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
    console.log(`${of}: ${((user + system) / 1e6).toFixed(0)} s of CPU`)
    checks.push([`${of}: ${percent(success)} found, of ${percent(scenario.success)}`, success >= scenario.success])
    if (scenario.malicious > 0) {
      console.log(`${of}: ${hops} hops, ${messages} messages, p95 ${messagesP95}`)
      continue
    }
    checks.push(
      [`${of}: median of ${hops} hops`, hops <= maxHops(options.nodes)],
      [`${of}: median of ${messages} messages`, messages <= maxMessages],
      [`${of}: p95 of ${messagesP95} messages`, messagesP95 <= maxMessagesP95]
    )
  }
  for (const [what, held] of checks) console.log(`${held ? 'ok' : 'FAILED'}: ${what}`)
  const passed = checks.filter(([, held]) => held).length
  return { passed, failed: checks.length - passed }
}

async function runScenario(
  { malicious, session, minutes }: Scenario,
  { nodes, lookups, seed }: SimOptions
): Promise<Outcome> {
  const world = new World({ seed })
  const { globals, random } = world
  try {
    const roleOf = (index: number): string => {
      const isMalicious = index > 0 && Math.floor(index * malicious) > Math.floor((index - 1) * malicious)
      return isMalicious ? roles[Math.floor(index * malicious) % roles.length]! : 'honest'
    }
    const join = (index: number): Promise<unknown> => {
      const role = roleOf(index)
      return role === 'honest' ? world.join() : world.join(role, serveAs(role as (typeof roles)[number], world))
    }
    for (let i = 0; i < nodes; ) {
      const batch = i === 0 ? 1 : Math.min(width, i, nodes - i)
      await globals.until(Promise.all(Array.from({ length: batch }, (_, j) => join(i + j))))
      i += batch
    }
    const found: number[] = []
    const hops: number[] = []
    const messages: number[] = []
    const lookUp = async (): Promise<void> => {
      const honest = world.up.filter(({ role }) => role === 'honest')
      const from = honest[random.integer(honest.length)]!
      const key = random.bytes(32)
      const isServer = (node: (typeof honest)[number]): boolean =>
        node !== from && (node.role === 'honest' || answers(node.role))
      const expected = world.closest(placeOf(key), 20, world.up.filter(isServer))
      try {
        const result = await from.service.lookup(key, { request: kadRequest(messageTypes.FIND_NODE, key) })
        const ids = new Set(result.closest.map(({ peerId }) => peerId.toString()))
        const still = expected.filter(({ isUp, peerId }) => !isUp || ids.has(peerId.toString()))
        found.push(still.length >= Math.min(19, expected.length) ? 1 : 0)
        hops.push(result.hops)
        messages.push(result.asked)
      } catch {
        if (from.isUp) found.push(0)
      }
    }
    const churn = async (): Promise<void> => {
      const leaves = 1 - 2 ** (-1 / (session * 60))
      for (let second = 0; second < minutes * 60; second++) {
        for (const node of world.up) {
          if (!random.chance(leaves)) continue
          void node.leave()
          void world.join().catch(() => {})
        }
        await pause(1000)
      }
    }
    if (minutes > 0) await globals.until(churn())
    for (let done = 0; done < lookups; done += width) {
      await globals.until(Promise.all(Array.from({ length: Math.min(width, lookups - done) }, lookUp)))
    }
    return {
      success: found.reduce((sum, one) => sum + one, 0) / found.length,
      hops: quantile(hops, 0.5),
      messages: quantile(messages, 0.5),
      messagesP95: quantile(messages, 0.95)
    }
  } finally {
    await world.end()
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
