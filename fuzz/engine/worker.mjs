// The loop over one target, in a worker thread: the main thread sees in shared memory which input is running, and can
// end a loop that does not end by itself.
import { parentPort, workerData } from 'node:worker_threads'
import { dictionaryOf, mutate } from './mutate.mjs'

const { bundle, testkit, expectedName, deadline, seed, corpus, branchCount, numbers, texts, shared } = workerData
const progress = new Int32Array(shared, 0, 2)
const current = new Uint8Array(shared, 8)
const minimiseLimit = 5000

const taken = new Uint8Array(branchCount)
globalThis.__branches = taken
const { fuzz, name } = await import(bundle)
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
  attempt(input)
  learn()
  pool.push(input)
}
const seeds = pool.length
while (failure === undefined && Date.now() < deadline) {
  // Most targets take less time than asking the clock does.
  for (let i = 0; i < 64 && failure === undefined; i++) {
    const input = mutate(pick(), pick(), dictionary, random)
    attempt(input)
    if (failure === undefined && learn()) pool.push(input)
  }
}
if (failure !== undefined) {
  const first = failure
  const input = minimise(first)
  Error.stackTraceLimit = 20
  attempt(input)
  failure ??= first
}
const branches = known.reduce((sum, ranks) => sum + (ranks === 0 ? 0 : 1), 0)
parentPort.postMessage({ execs, branches, found: pool.slice(seeds), failure })

function attempt(input) {
  taken.fill(0)
  current.set(input)
  progress[1] = input.length
  Atomics.store(progress, 0, ++execs)
  try {
    // A copy, so that a target that writes to its input does not change the pool.
    const result = fuzz(input.slice())
    if (result !== undefined) throw new TypeError('the target returned a value: it must be synchronous')
  } catch (error) {
    failure = { input, message: String(error?.stack ?? error) }
  }
}

function learn() {
  let news = false
  for (let i = 0; i < branchCount; i++) {
    const count = taken[i]
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
function minimise(first) {
  const reason = first.message.split('\n')[0]
  let best = first.input
  let left = minimiseLimit
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.length && left > 0; left--) {
      const shorter = Uint8Array.of(...best.subarray(0, at), ...best.subarray(at + size))
      failure = undefined
      attempt(shorter)
      if (failure?.message.split('\n')[0] === reason) best = shorter
      else at += size
    }
  }
  return best
}
