// Fails when a ratio weft/js falls too far under the committed one (benchmarks/README.md). Options: --write (commits the
// ratios of this run instead), --rounds 3, --no-build; --against REV compares with that revision of weft instead of js-libp2p,
// in 5 rounds, of --only throughput,streams, with --quick in short ones.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { changesOf, KEPT_OF_REVISION, worse } from '../benchmarks/macro/against.mjs'
import { bench, catalogue, mediansOf } from '../benchmarks/macro/bench.mjs'
import { compare, ratiosOf } from '../benchmarks/macro/gate.mjs'
import { progress } from '../benchmarks/progress.mjs'
import { installJsLibp2p } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'
import { root } from './manifests.mjs'
import { withRevision } from './revision-tree.mjs'

const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    against: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false }
  }
})
const file = path.join(root, 'benchmarks/ratios.json')
const committed = JSON.parse(readFileSync(file, 'utf8'))

await ensureInstalled()
if (options.against === undefined) installJsLibp2p()
if (!options['no-build']) await ensureBuilt()

if (options.against === undefined) await againstJsLibp2p()
else await withRevision(options.against, againstRevision)

async function againstJsLibp2p() {
  const names = Object.keys(committed)
  const rounds = Number(options.rounds ?? 3)
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
}

/** A measure that is lower is measured once more, in more rounds: the machine is never quite quiet. */
async function againstRevision(folder) {
  const wanted = options.only?.split(',') ?? [...Object.keys(committed), 'throughputPlaintext']
  const names = Object.keys(catalogue).filter(name => wanted.includes(name))
  const before = `weft@${folder}`
  const measure = async (some, rounds) => {
    const short = options.quick ? { ms: 1000, connections: 1000 } : {}
    const values = await bench({ impls: ['weft', before], names: some, rounds, ...short, onProgress: progress })
    progress()
    const changes = changesOf(values, catalogue, 'weft', before)
    const lower = worse(changes)
    for (const name of some) {
      const verdict = lower.includes(name) ? 'LOWER' : 'ok'
      const all = `${KEPT_OF_REVISION} or more, ${rounds} rounds`
      console.log(`${verdict}: ${catalogue[name].title}: ${changes[name]?.toFixed(3)} x ${options.against} (${all})`)
    }
    return lower
  }
  const lower = await measure(names, Number(options.rounds ?? 5))
  const failed = lower.length === 0 ? [] : await measure(lower, 9)
  if (failed.length > 0) console.log(`FAILED: ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}
