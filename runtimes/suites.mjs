// Runs a bundled test file, and prints a line of JSON with how many tests passed, failed and were skipped. Arguments: a
// pattern of the names of those that count as skipped when they fail, or '', and the file.
import { pathToFileURL } from 'node:url'
import { startTests } from '@vitest/runner'
import { noMeans } from './vitest.mjs'

const runner = {
  config: {
    root: '/',
    sequence: { shuffle: false, hooks: 'stack', setupFiles: 'list', concurrent: false, seed: 1 },
    chaiConfig: {},
    maxConcurrency: 1,
    setupFiles: [],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    passWithNoTests: false,
    includeTaskLocation: false,
    tags: [],
    diffOptions: {}
  },
  importFile: file => import(pathToFileURL(file).href)
}

const counts = { passed: 0, failed: 0, skipped: 0 }
const [knownNames, file] = process.argv.slice(2)
const known = knownNames === '' ? undefined : new RegExp(knownNames)
const files = await startTests([file], runner)
for (const each of files) count(each, [])
console.log(JSON.stringify(counts))
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1)

function count(task, names) {
  const path = [...names, task.name]
  const isKnown = task.result?.state === 'fail' && known?.test(path.join(' ')) === true
  for (const error of task.result?.errors ?? []) {
    if (error.message !== noMeans && !isKnown)
      console.log(`not ok: ${path.join(' > ')}\n    ${error.stack ?? error.message}`)
  }
  if (task.tasks !== undefined) {
    if (task.tasks.length === 0) counts.failed++
    for (const inner of task.tasks) count(inner, path)
    return
  }
  const noClock = task.result?.errors?.some(({ message }) => message === noMeans)
  if (task.mode === 'skip' || task.mode === 'todo' || noClock || isKnown) counts.skipped++
  else if (task.result?.state === 'pass') counts.passed++
  else counts.failed++
}
