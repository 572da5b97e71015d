/**
 * What a handshake costs a node before anybody is known, by what its remote sends: CPU of the node's process for one, and
 * of the process that does it to the node. Each over a new TCP connection on loopback, default options, one after another.
 *
 *     node --conditions=weft-source benchmarks/micro/handshake-cost.ts [--rounds 3] [--count 100] [--check]    (Node 24)
 *
 * With `--check` it fails where a hostile certificate costs more than three times an honest one.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { attacks, type Attack } from './handshake-cost/attacks.ts'
import { serveVictim } from './handshake-cost/victim.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    count: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    check: { type: 'boolean', default: false }
  }
})

/** Milliseconds of CPU for one. */
interface Cost {
  victim: number
  attacker: number
}

const maxRatio = 3

if (positionals[0] === 'victim') await serveVictim()
else await main()

async function main(): Promise<void> {
  const [rounds, count] = [Number(values.rounds), Number(values.count)]
  const victim = fork(process.argv[1]!, ['victim'], { execArgv: process.execArgv })
  const address = (await answer(victim, { do: 'listen' })).port
  const costs = new Map<Attack, Cost[]>()
  const chosen = (await attacks()).filter(({ name }) => name.includes(values.only))
  // The first one compiles what they all run.
  for (const attack of chosen) await measure(victim, address, attack, Math.ceil(count / 2))
  for (let round = 0; round < rounds; round++) {
    for (const attack of chosen) {
      costs.set(attack, [...(costs.get(attack) ?? []), await measure(victim, address, attack, count)])
    }
  }
  victim.kill()
  report(costs)
}

async function measure(victim: ChildProcess, port: number, attack: Attack, count: number): Promise<Cost> {
  await answer(victim, { do: 'mark' })
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) {
    if (attack.asListener === undefined) {
      await attack.asDialer!(port)
      continue
    }
    const server = await attack.asListener()
    await answer(victim, { do: 'dial', port: server.port })
    await server.close()
  }
  const { user, system } = process.cpuUsage(before)
  const { cpu } = await answer(victim, { do: 'read' })
  return { victim: cpu / 1000 / count, attacker: (user + system) / 1000 / count }
}

interface Answer {
  port: number
  cpu: number
}

async function answer(victim: ChildProcess, message: object): Promise<Answer> {
  victim.send(message)
  const [reply] = (await once(victim, 'message')) as [Answer]
  return reply
}

function report(costs: ReadonlyMap<Attack, readonly Cost[]>): void {
  const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!
  let failed = false
  console.log('| what the remote does | node, ms | remote, ms | node / remote | to honest |')
  console.log('| --- | --- | --- | --- | --- |')
  const victims = new Map<string, number>()
  for (const [{ name, honest, inOpenSsl }, list] of costs) {
    const [victim, attacker] = [median(list.map(cost => cost.victim)), median(list.map(cost => cost.attacker))]
    victims.set(name, victim)
    const ratio = honest === undefined ? 1 : victim / (victims.get(honest) ?? Number.NaN)
    if (ratio > maxRatio && inOpenSsl !== true) failed = true
    const cells = [victim.toFixed(2), attacker.toFixed(2), (victim / attacker).toFixed(2), `${ratio.toFixed(2)} x`]
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
  if (values.check && failed) {
    console.log(`FAILED: something costs more than ${maxRatio} x the honest handshake`)
    process.exitCode = 1
  }
}
