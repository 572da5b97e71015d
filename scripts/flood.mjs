// Floods (floods/README.md): our attackers against our node, in network namespaces of their own. Options: --short (all
// in six minutes), --only F3,F5.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { Checks } from '../floods/lib/checks.mjs'
import { killAll } from '../floods/lib/child.mjs'
import { makeNetwork, whyNot } from '../floods/lib/network.mjs'
import { Stage } from '../floods/lib/stage.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    prof: { type: 'string' },
    'no-build': { type: 'boolean', default: false }
  }
})
const scenarios = {
  F1: '../floods/scenarios/f1-silent.mjs',
  F2: '../floods/scenarios/f2-slowloris.mjs',
  F3: '../floods/scenarios/f3-frames.mjs',
  F4: '../floods/scenarios/f4-slow-reader.mjs',
  F5: '../floods/scenarios/f5-lies.mjs',
  F6: '../floods/scenarios/f6-unread.mjs',
  'idle-frames': '../floods/scenarios/idle-frames.mjs',
  secio: '../floods/scenarios/secio.mjs',
  'full-node': '../floods/scenarios/full-node.mjs'
}
const wanted = values.only?.split(',') ?? Object.keys(scenarios)
const checks = new Checks()
const began = performance.now()

const reason = whyNot()
if (reason === undefined) await runAll()
else for (const name of wanted) checks.skip(name, reason)
const seconds = Math.round((performance.now() - began) / 1000)
process.stdout.write(`${seconds} s\n`)
process.exit(
  checks.finish('flood.json', { node: process.version, cpus: os.cpus().length, short: values.short, seconds })
)

async function runAll() {
  await ensureInstalled()
  if (!values['no-build']) await ensureBuilt()
  const network = makeNetwork()
  const cleanUp = () => {
    killAll()
    network.remove()
  }
  process.once('exit', cleanUp)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))
  for (const name of wanted) await runOne(name, network)
}

async function runOne(name, network) {
  const { title, limitMs, run } = await import(scenarios[name])
  process.stdout.write(`== ${name}: ${title}\n`)
  const stage = new Stage({
    network,
    checks,
    short: values.short,
    name,
    flags: values.prof === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.prof}`]
  })
  const limit = limitMs[values.short ? 'short' : 'long']
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limit} ms`)), limit)
  })
  const running = run(stage)
  try {
    await Promise.race([running, late])
  } catch (error) {
    checks.check(`${name} ran to its end`, false, error.message)
  } finally {
    clearTimeout(timer)
    running.catch(() => {})
    await stage.end()
  }
}
