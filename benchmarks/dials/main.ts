/** `npm run sim:dial`: prints what it finds, returns how much of it held. */
import { dialCrowd, makeCrowd, type Strategy } from '../../packages/swarm/dialer/test/crowd.ts'
import { type CaseRun, cases, problemsOf } from './cases.ts'
import { runReally } from './real.ts'
import { runVirtually } from './virtual.ts'

/** By how much the machine may be late, ms: an address tried after a silent one had ended would be 6 s late. */
const slack = 1500
const descriptors = 160

export interface Counts {
  passed: number
  failed: number
}

/** All cases, on virtual time and over sockets. */
export async function runCases(): Promise<Counts> {
  const counts = { passed: 0, failed: 0 }
  const rows: string[][] = [['case', 'virtual ms', 'real ms', 'verdict']]
  const details: string[] = []
  for (const dialCase of cases) {
    const virtual = runVirtually(dialCase)
    const real = await runReally(dialCase)
    const problems = {
      'on virtual time': problemsOf(dialCase, virtual, 0),
      'over sockets': problemsOf(dialCase, real, slack)
    }
    for (const [where, found] of Object.entries(problems)) {
      counts[found.length === 0 ? 'passed' : 'failed']++
      for (const problem of found) details.push(`${dialCase.name}, ${where}: ${problem}`)
    }
    const verdict = Object.values(problems).flat().length === 0 ? 'ok' : 'FAILED'
    rows.push([dialCase.name, times(virtual), times(real), verdict])
  }
  printTable(rows)
  for (const line of details) console.log(line)
  return counts
}

/** So many peers at once, beside two simpler strategies, all on virtual time. */
export function runCrowd(size: number): Counts {
  const crowd = makeCrowd(size)
  const strategies: Strategy[] = ['scheduler', 'serial', 'unlimited']
  const [ours, serial, unlimited] = strategies.map(strategy => dialCrowd(crowd, strategy))
  const addresses = [...crowd.behaviours.values()]
  const dead = addresses.filter(({ kind }) => kind !== 'connect').length
  console.log(
    `${size} peers, ${crowd.reachable.size} of them reachable; ${addresses.length} addresses, ${percent(dead, addresses.length)} dead`
  )
  const rows = [['strategy', 'connected', 'virtual s', 'attempts at once', 'attempts', 'token s']]
  strategies.forEach((strategy, i) => {
    const { connected, time, peak, attempts, tokenTime } = [ours!, serial!, unlimited!][i]!
    rows.push([strategy, ...[connected, time / 1000, peak, attempts, tokenTime / 1000].map(format)])
  })
  printTable(rows)
  const { right, peak, time, tokenTime } = ours!
  const busy = tokenTime / descriptors
  const checks: Array<[string, boolean]> = [
    ['every reachable peer is connected, and no other', right === size],
    [`at most ${descriptors} attempts at once: ${peak}`, peak <= descriptors],
    [`time at most 1.5 x token s / ${descriptors}: ${(time / busy).toFixed(2)} x`, time <= 1.5 * busy],
    [`time at most 0.2 x serial: ${(time / serial!.time).toFixed(4)} x`, time <= 0.2 * serial!.time]
  ]
  for (const [what, held] of checks) console.log(`${held ? 'ok' : 'FAILED'}: ${what}`)
  const passed = checks.filter(([, held]) => held).length
  return { passed, failed: checks.length - passed }
}

function times({ answers }: CaseRun): string {
  return answers.map(({ at }) => Math.round(at)).join(' / ')
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 })
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(0)} %`
}

function printTable(rows: readonly string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  for (const row of rows) {
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
  }
}
