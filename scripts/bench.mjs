// Side by side: weft, js-libp2p, node:net and node:tls (benchmarks/README.md). Options: --impls weft,js,net,tls,
// --only throughput,streams, --rounds 3, --quick (one short round), --no-build.
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { bench, catalogue, mediansOf } from '../benchmarks/macro/bench.mjs'
import { progress } from '../benchmarks/progress.mjs'
import { installJsLibp2p, newNode, writeResults } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values: options } = parseArgs({
  options: {
    impls: { type: 'string', default: 'weft,js,net,tls' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false }
  }
})
const impls = options.impls.split(',')
const names = Object.keys(catalogue).filter(
  name => options.only?.split(',').some(part => name.startsWith(part)) ?? true
)
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3))

await ensureInstalled()
installJsLibp2p()
if (impls.includes('weft') && !options['no-build']) await ensureBuilt()

// A peer that fails once costs its own figure, not those of an hour; the run counts as failed all the same.
const failures = []

const values = await bench({
  impls,
  names,
  rounds,
  ...(options.quick ? { ms: 1000, connections: 200 } : {}),
  onProgress: progress,
  onFailure: (what, error) => void failures.push(`FAILED: ${what}: ${error.message}`)
})
progress()

const medians = mediansOf(values)
const ratio = (name, a, b) => {
  if (b === undefined) return ''
  const [x, y] = [medians[name][a], medians[name][b]]
  return x === undefined || y === undefined ? '' : `${(x / y).toFixed(2)}x`
}
const number = value => (value === undefined ? '-' : Math.round(value).toLocaleString('en'))

const node = execFileSync(newNode, ['--version'], { encoding: 'utf8' }).trim()
const cpu = os.cpus()[0].model
const row = cells =>
  `${cells[0].padEnd(56)}${cells
    .slice(1)
    .map(cell => cell.padStart(11))
    .join('')}\n`
let table = `Node ${node}, ${os.cpus().length} x ${cpu}, loopback, medians of ${rounds}\n\n`
table += row(['', ...impls, 'weft/js', 'weft/raw'])
for (const name of names) {
  const { title, unit, less } = catalogue[name]
  const label = `${title}, ${unit}${less ? ' (less is better)' : ''}`
  table += row([
    label,
    ...impls.map(impl => number(medians[name][impl])),
    ratio(name, 'weft', 'js'),
    ratio(name, 'weft', catalogue[name].raw)
  ])
}
process.stdout.write(table)
writeResults('bench.json', { node, cpu, cpus: os.cpus().length, rounds, medians, values, failures })
for (const failure of failures) console.log(failure)
process.exitCode = failures.length === 0 ? 0 : 1
