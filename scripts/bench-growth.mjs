// How the cost grows with the work, of weft and js-libp2p (docs/benchmarks.md). Options: --only streams,connections,messages,latency,
// --impls weft,js, --rounds 3, --quick (one short round), --write (docs/benchmarks.md and its charts), --no-build.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { conditionsOf, mean, percent } from '../benchmarks/conditions.mjs'
import { svg } from '../benchmarks/growth/chart.mjs'
import { measure } from '../benchmarks/growth/measure.mjs'
import { keyOf, pointOf, questions, quick, stepsOf, whole } from '../benchmarks/growth/plan.mjs'
import { markdown } from '../benchmarks/growth/table.mjs'
import { rotated } from '../benchmarks/macro/bench.mjs'
import { replaceBetween } from '../benchmarks/markdown.mjs'
import { othersShare, QUIET } from '../benchmarks/others.mjs'
import { median } from '../benchmarks/peers/plan.mjs'
import { versionOf } from '../benchmarks/peers/versions.mjs'
import { progress } from '../benchmarks/progress.mjs'
import { installJsLibp2p, root, writeResults } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(questions).join() },
    impls: { type: 'string', default: 'weft,js' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false }
  }
})
const names = options.only.split(',')
const impls = options.impls.split(',')
const settings = options.quick ? quick : whole
const rounds = Number(options.rounds ?? settings.rounds)

await ensureInstalled()
installJsLibp2p()
if (!options['no-build']) await ensureBuilt()

const steps = stepsOf(names, settings)
const values = {}
const failed = {}
const shares = []
for (let round = 1; round <= rounds; round++) {
  for (const step of steps) {
    for (const impl of rotated(impls, round - 1)) await measureStep(impl, step, round)
  }
}
progress()

const versions = Object.fromEntries(impls.map(impl => [impl, versionOf(impl)]))
const run = {
  names,
  impls,
  titles: Object.fromEntries(impls.map(impl => [impl, versions[impl].title])),
  points: Object.fromEntries(names.map(name => [name, steps.filter(s => s.question === name).flatMap(s => s.points)])),
  medians: Object.fromEntries(Object.entries(values).map(([key, list]) => [key, median(list)])),
  failed,
  conditions: conditionsOf({
    runtimes: Object.values(versions).map(({ runtime }) => runtime),
    how: `Medians of ${rounds} rounds of ${settings.ms / 1000} s each.`,
    shares
  })
}
process.stdout.write(`${markdown(run)}\n`)
writeResults('bench-growth.json', { ...run, versions, values, shares })
if (options.write) write()

/** What was not done in one round has no figure, and is not tried in the next. */
async function measureStep(impl, { question, points }, round) {
  const left = points.filter(point => failed[pointOf(question, point, impl)] === undefined)
  if (left.length === 0) return
  progress(`round ${round}: ${question} ${left.join(' ')} ${impl}`)
  shares.push(await othersShare())
  const keep = (point, figures) => {
    for (const [figure, value] of Object.entries(figures))
      (values[keyOf(question, point, impl, figure)] ??= []).push(value)
  }
  try {
    await measure(impl, { question, points: left }, settings, keep)
  } catch (error) {
    const [reason] = error.message.split('\n')
    for (const point of left.slice(left.indexOf(error.point ?? left[0]))) drop(question, point, impl, reason)
  }
}

function drop(question, point, impl, reason) {
  failed[pointOf(question, point, impl)] = reason
  for (const figure of Object.keys(questions[question].figures)) delete values[keyOf(question, point, impl, figure)]
}

function write() {
  const share = mean(shares)
  if (options.quick || names.length < Object.keys(questions).length || share > QUIET) {
    process.stdout.write(
      `not written: that needs all questions, no --quick, and others at ${percent(QUIET)} at most; they used ${percent(share)}\n`
    )
    process.exitCode = 1
    return
  }
  const charts = Object.fromEntries(names.map(name => [name, `benchmarks-growth-${name}.svg`]))
  const file = path.join(root, 'docs/benchmarks.md')
  const marks = ['<!-- the growth: npm run bench:growth -- --write -->', '<!-- the end of the growth -->']
  writeFileSync(file, replaceBetween(readFileSync(file, 'utf8'), marks, `${markdown(run, charts)}\n`))
  for (const name of names) writeFileSync(path.join(root, 'docs', charts[name]), svg(name, run))
}
