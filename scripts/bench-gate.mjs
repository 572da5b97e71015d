// Fails when a ratio weft/js falls too far under the committed one (benchmarks/README.md). Options: --write (commits the
// ratios of this run instead), --rounds 3, --no-build.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bench, catalogue, mediansOf } from '../benchmarks/macro/bench.mjs'
import { compare, ratiosOf } from '../benchmarks/macro/gate.mjs'
import { progress } from '../benchmarks/progress.mjs'
import { installJsLibp2p } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'
import { root } from './manifests.mjs'

const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    'no-build': { type: 'boolean', default: false }
  }
})
const file = path.join(root, 'benchmarks/ratios.json')
const committed = JSON.parse(readFileSync(file, 'utf8'))

await ensureInstalled()
installJsLibp2p()
if (!options['no-build']) await ensureBuilt()

const names = Object.keys(committed)
const rounds = Number(options.rounds)
const values = await bench({ impls: ['weft', 'js'], names, rounds, onProgress: progress })
progress()
const measured = ratiosOf(mediansOf(values))

if (options.write) {
  const missing = names.filter(name => measured[name] === undefined)
  if (missing.length > 0) throw new Error(`no ratio of ${missing.join(', ')}: nothing is written`)
  const rounded = names.map(name => [name, Number(measured[name].toPrecision(3))])
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`)
  for (const [name, ratio] of rounded)
    console.log(`${catalogue[name].title}: ${ratio} x js-libp2p, was ${committed[name]}`)
} else {
  const figures = compare(committed, measured, catalogue)
  for (const { name, less, committed: was, limit, measured: is, ok } of figures) {
    const bound = `${less ? 'at most' : 'at least'} ${limit.toFixed(2)} (committed: ${was})`
    console.log(`${ok ? 'ok' : 'FAILED'}: ${catalogue[name].title}: ${is?.toFixed(2) ?? 'no'} x js-libp2p, ${bound}`)
  }
  process.exitCode = figures.every(({ ok }) => ok) ? 0 : 1
}
