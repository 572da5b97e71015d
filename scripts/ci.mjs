// `.ci/run` and `.ci/long` call it: runs the stages of a list (scripts/ci-stages.mjs), those of different lanes beside each
// other, each within its time limit, and ends with the plain line `N passed, N failed`, added up from the reports in results/.
// What a stage prints is printed whole when it ends. Uses node: modules only: nothing is installed yet.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { long, push } from './ci-stages.mjs'
import { root } from './manifests.mjs'

/** All stages must have ended by then; what has not is ended and has failed. Seconds. */
const wall = { push: 85 * 60, long: 24 * 3600 }
/** Seconds that a stage has to end when it is told to. */
const goodbye = 10

const results = path.join(root, 'results')
const kind = process.argv[2] === 'long' ? 'long' : 'push'
const wanted = process.argv.slice(3)
const stages = (kind === 'long' ? long : push).filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const began = performance.now()
const running = new Set()
const outcomes = new Map()

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) kill(child, 'SIGKILL')
    process.exit(1)
  })
}

const lanes = new Set(stages.map(({ lane }) => lane))
/** Resolves when the stage of that name has ended. */
const ended = new Map(stages.map(({ name }) => [name, Promise.withResolvers?.() ?? withResolvers()]))
await Promise.all([...lanes].map(runLane))
conclude()

async function runLane(lane) {
  for (const stage of stages.filter(stage => stage.lane === lane)) {
    for (const name of stage.after ?? []) await ended.get(name)?.promise
    outcomes.set(stage.name, await runStage(stage))
    ended.get(stage.name).resolve()
  }
}

async function runStage({ name, command, limit, env = {} }) {
  const left = wall[kind] - (performance.now() - began) / 1000
  const seconds = Math.max(1, Math.min(limit, left))
  const log = path.join(results, `${name}.log`)
  console.log(`== ${name} begins: ${command}`)
  const started = performance.now()
  const code = await execute(command, { log, env, seconds })
  const took = (performance.now() - started) / 1000
  const { passed, failed } = count(name, code)
  console.log(`== ${name}: ${command}`)
  process.stdout.write(readFileSync(log))
  if (code === undefined) console.log(`${name} did not end within ${seconds.toFixed(0)} s`)
  console.log(`== ${name}: ${passed} passed, ${failed} failed, ${took.toFixed(0)} s`)
  return { passed, failed, took }
}

/** Resolves with the exit code; with undefined when it had to be ended. */
function execute(command, { log, env, seconds }) {
  return new Promise(resolve => {
    const file = openSync(log, 'w')
    const [program, ...args] = command.split(' ')
    // A group of its own, so that all of it ends.
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', file, file],
      detached: true
    })
    closeSync(file)
    running.add(child)
    let late = false
    const timers = [
      setTimeout(() => {
        late = true
        kill(child, 'SIGTERM')
      }, seconds * 1000),
      setTimeout(() => kill(child, 'SIGKILL'), (seconds + goodbye) * 1000)
    ]
    const end = code => {
      running.delete(child)
      for (const timer of timers) clearTimeout(timer)
      resolve(late ? undefined : (code ?? 1))
    }
    child.once('error', () => end(1))
    child.once('exit', end)
  })
}

function kill({ pid }, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It is gone.
  }
}

/** A stage may leave results/<name>.json; without one it counts as one check. One that ends badly has failed at least once. */
function count(name, code) {
  const report = readReport(path.join(results, `${name}.json`))
  const { passed, failed } = report ?? { passed: code === 0 ? 1 : 0, failed: 0 }
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
}

function readReport(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  } catch {
    return undefined
  }
}

function conclude() {
  const all = [...outcomes.entries()]
  console.log('\n== stage, seconds, passed, failed')
  for (const [name, { took, passed, failed }] of all) {
    console.log(
      `${name.padEnd(16)} ${took.toFixed(0).padStart(6)} ${String(passed).padStart(7)} ${String(failed).padStart(7)}`
    )
  }
  console.log(`${'all'.padEnd(16)} ${((performance.now() - began) / 1000).toFixed(0).padStart(6)}`)
  // What failed stands last, where it is found without reading everything above.
  for (const [name, { failed }] of all) if (failed > 0) printFailure(name)
  const sum = key => all.reduce((total, [, outcome]) => total + outcome[key], 0)
  const [passed, failed] = [sum('passed'), sum('failed')]
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}

function printFailure(name) {
  const lines = readFileSync(path.join(results, `${name}.log`), 'utf8').split('\n')
  console.log(`== ${name} failed:`)
  const telling = /FAIL|not ok|failed \||AssertionError|did not|Error:/
  const shown = new Set()
  for (const [i, line] of lines.entries()) {
    if (telling.test(line)) for (let j = i; j <= i + 12; j++) shown.add(j)
  }
  for (const i of [...shown].slice(0, 80)) if (lines[i] !== undefined) console.log(`${i + 1}: ${lines[i]}`)
  console.log('-- its end:')
  console.log(lines.slice(-20).join('\n'))
}

// Node 20 has no Promise.withResolvers().
function withResolvers() {
  let resolve
  const promise = new Promise(settle => {
    resolve = settle
  })
  return { promise, resolve }
}
