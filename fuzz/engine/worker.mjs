// The loop over one target, in a worker thread: the main thread sees in shared memory which input is running, and can
// end a loop that does not end by itself.
import { parentPort, workerData } from 'node:worker_threads'
import { dictionaryOf, mutate } from './mutate.mjs'
import { Work } from './work.mjs'

const { bundle, testkit, expectedName, share, longest, seed, corpus, numbers, texts, shared, once } = workerData
const progress = new Int32Array(shared, 0, 2)
const current = new Uint8Array(shared, 8)
const minimiseLimit = 5000
const defaultMinimum = 2000

const work = new Work()
const { fuzz, name, minimum = defaultMinimum, cost = {} } = await import(bundle)
const { taken } = work
const branchCount = taken.length
const { seededRandom } = await import(testkit)
// Typed errors are thrown all the time: their stacks would cost more than the target. A failure is run again with one.
Error.stackTraceLimit = 0

// Per branch the powers of two of how often one input took it, so that a loop that runs longer counts as news.
const known = new Uint8Array(branchCount)
const rank = Uint8Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 << Math.min(7, Math.log2(count))))
const pool = []
let execs = 0
let failure

const random = seededRandom(seed)
const dictionary = dictionaryOf(numbers, texts)

if (name !== expectedName) throw new Error(`the target's name is ${name}`)
if (corpus.length === 0) corpus.push(new Uint8Array(0))
for (const input of corpus) {
  if (failure !== undefined) break
  await attempt(input)
  learn()
  pool.push(input)
}
const seeds = pool.length
const wanted = once ? 0 : minimum
const began = Date.now()
// Most targets take less time than asking the clock does; where one takes long, it is asked each time.
for (let batch = 1; failure === undefined && goesOn(); ) {
  const before = Date.now()
  for (let i = 0; i < batch && failure === undefined; i++) {
    const input = mutate(pick(), pick(), dictionary, random)
    const running = attempt(input)
    if (running !== undefined) await running
    if (failure === undefined && learn()) pool.push(input)
  }
  batch = Date.now() - before < 5 ? Math.min(64, 2 * batch) : Math.max(1, batch >> 1)
}
if (failure !== undefined) {
  const first = failure
  const input = await minimise(first)
  Error.stackTraceLimit = 20
  await attempt(input)
  failure ??= first
}
const branches = known.reduce((sum, ranks) => sum + (ranks === 0 ? 0 : 1), 0)
if (failure === undefined && execs < wanted) {
  failure = {
    input: current.slice(0, progress[1]),
    message: `only ${execs} of ${wanted} executions within ${longest} ms`
  }
}
const found = pool.slice(seeds)
parentPort.postMessage({ execs, branches, branchCount, costliest: work.costliest, found, failure })

/** On past its share until there are enough. */
function goesOn() {
  const passed = Date.now() - began
  return passed < share || (execs < wanted && passed < longest)
}

/** Runs the target; returns a promise if the target does. */
function attempt(input) {
  work.reset()
  current.set(input)
  progress[1] = input.length
  Atomics.store(progress, 0, ++execs)
  try {
    // A copy, so that a target that writes to its input does not change the pool.
    const result = fuzz(input.slice())
    if (result === undefined) {
      measure(input)
      return undefined
    }
    return result.then(
      () => measure(input),
      error => fail(input, error)
    )
  } catch (error) {
    fail(input, error)
  }
  return undefined
}

function measure(input) {
  const excess = work.excess(input.length, cost)
  if (excess !== undefined) failure = { input, message: excess }
}

function fail(input, error) {
  failure = { input, message: String(error?.stack ?? error) }
}

function learn() {
  let news = false
  for (let i = 0; i < branchCount; i++) {
    const count = Math.min(255, taken[i])
    if (count !== 0 && (known[i] & rank[count]) === 0) {
      known[i] |= rank[count]
      news = true
    }
  }
  return news
}

// Half of the time one of the newest: they reach furthest.
function pick() {
  const newest = Math.ceil(pool.length / 4)
  return random.integer(2) === 0 ? pool[pool.length - 1 - random.integer(newest)] : pool[random.integer(pool.length)]
}

// Drops pieces for as long as the same error comes out.
async function minimise(first) {
  const reason = reasonOf(first)
  let best = first.input
  let left = minimiseLimit
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.length && left > 0; left--) {
      const shorter = Uint8Array.of(...best.subarray(0, at), ...best.subarray(at + size))
      failure = undefined
      await attempt(shorter)
      if (failure !== undefined && reasonOf(failure) === reason) best = shorter
      else at += size
    }
  }
  return best
}

/** Its first line without numbers: shorter inputs have others. */
function reasonOf({ message }) {
  return message.split('\n')[0].replace(/\d+/g, 'n')
}
