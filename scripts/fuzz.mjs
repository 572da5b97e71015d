// `npm run fuzz`: runs the targets of fuzz/targets one after the other (fuzz/README.md). Options: --seconds in all,
// --only a target's name, --seed, --keep to add the inputs found to the corpus, --input to run one file.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { ensureInstalled, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'

await ensureInstalled()
const { bundleSources } = await import('./bundle.mjs')
const { instrumentation } = await import('../fuzz/engine/instrument.mjs')
const { maxInputLength } = await import('../fuzz/engine/mutate.mjs')

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    keep: { type: 'boolean', default: false },
    input: { type: 'string' }
  }
})

// One input that runs this long (ms) is a hang: the slowest honest one takes a few, a hundred on a busy machine.
const hangLimit = 20_000
// A target runs on past its share until it has its minimum of executions, so long at most, ms.
const longest = 60_000
const memoryLimitMb = 512
const work = path.join(root, '.weft/fuzz')
const crashes = path.join(root, 'fuzz/crashes')
const targets = readdirSync(path.join(root, 'fuzz/targets'))
  .filter(file => file.endsWith('.ts'))
  .map(file => path.basename(file, '.ts'))
  .filter(name => values.only === undefined || name === values.only)
if (targets.length === 0) throw new Error('no such target')

const seed = Number(values.seed)
console.log(`${targets.length} targets, ${values.seconds} s in all, seed ${seed}`)
mkdirSync(work, { recursive: true })
const testkit = path.join(work, 'testkit.bundle.mjs')
await bundleSources(path.join(root, 'packages/generic/testkit/src/index.ts'), testkit)
const bundles = []
for (const name of targets) bundles.push(await bundle(name))

// The time begins when all is built.
const end = Date.now() + Number(values.seconds) * 1000
let total = 0
let failed = 0
for (const [index, target] of bundles.entries()) {
  // An equal share of what is left.
  const share = values.input === undefined ? Math.max(0, (end - Date.now()) / (targets.length - index)) : 0
  const { execs, text, failure } = await fuzzTarget(target, share)
  total += execs
  console.log(`${failure === undefined ? 'ok' : 'FAILED'}: ${target.name}: ${text}`)
  if (failure === undefined) continue
  failed++
  console.log(`${failure.message}\ninput: ${saveCrash(target.name, failure.input)}`)
}
writeResults('fuzz', targets.length - failed, failed)
console.log(`${total} executions`)
console.log(`${targets.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

async function bundle(name) {
  const file = path.join(work, `${name}.mjs`)
  const { plugin, seen } = instrumentation()
  await bundleSources(path.join(root, 'fuzz/targets', `${name}.ts`), file, [plugin])
  return { name, file, seen }
}

async function fuzzTarget({ name, file, seen }, share) {
  const corpus = values.input === undefined ? readCorpus(name) : [readInput(path.resolve(values.input))]
  const began = performance.now()
  const outcome = await runWorker({
    bundle: pathToFileURL(file).href,
    testkit: pathToFileURL(testkit).href,
    expectedName: name,
    share,
    longest,
    once: values.input !== undefined,
    seed,
    corpus,
    numbers: [...seen.numbers],
    texts: [...seen.texts]
  })
  if (values.keep) for (const input of outcome.found) saveSeed(name, input)
  const { execs, branches = 0, branchCount = 0, costliest } = outcome
  const rate = Math.round(execs / ((performance.now() - began) / 1000))
  const cost = costliest === undefined ? '' : `, ${costliest.units} units for ${costliest.length} bytes at most`
  const text = `${execs} executions (${rate}/s), ${branches} of ${branchCount} branches, ${corpus.length} seeds, ${outcome.found.length} inputs found${cost}`
  return { ...outcome, text }
}

function runWorker(workerData) {
  const shared = new SharedArrayBuffer(8 + maxInputLength)
  const progress = new Int32Array(shared, 0, 2)
  const current = () => new Uint8Array(shared, 8).slice(0, progress[1])
  const worker = new Worker(new URL('../fuzz/engine/worker.mjs', import.meta.url), {
    workerData: { ...workerData, shared },
    resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb }
  })
  return new Promise(resolve => {
    const fail = message => resolve({ execs: progress[0], found: [], failure: { message, input: current() } })
    let last = -1
    const watch = setInterval(() => {
      const execs = Atomics.load(progress, 0)
      if (execs === last && execs > 0) {
        fail(`no end within ${hangLimit} ms`)
        void worker.terminate()
      }
      last = execs
    }, hangLimit)
    worker.on('message', resolve)
    worker.on('error', error => fail(String(error.stack ?? error)))
    worker.on('exit', () => {
      clearInterval(watch)
      // Of a target that returns promises; where the outcome was told before, this is too late to count.
      fail('it waits for something that never comes')
    })
  })
}

function readCorpus(name) {
  const folder = path.join(root, 'fuzz/corpus', name)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .toSorted()
    .map(file => readInput(path.join(folder, file)))
}

// `.hex` files hold hex digits in any grouping, with comments behind #.
function readInput(file) {
  const bytes = readFileSync(file)
  const input = file.endsWith('.hex')
    ? Buffer.from(bytes.toString().replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex')
    : bytes
  return new Uint8Array(input.subarray(0, maxInputLength))
}

function saveSeed(name, input) {
  const folder = path.join(root, 'fuzz/corpus', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, `${digest(input)}.hex`), `${Buffer.from(input).toString('hex')}\n`)
}

function saveCrash(name, input) {
  const file = path.join(crashes, `${name}-${digest(input)}.hex`)
  rmSync(file, { force: true })
  mkdirSync(crashes, { recursive: true })
  writeFileSync(file, `${Buffer.from(input).toString('hex')}\n`)
  return path.relative(root, file)
}

function digest(input) {
  return createHash('sha256').update(input).digest('hex').slice(0, 12)
}
