// Which test files run in a process or a page of their own. All others share one with the files before and behind them:
// loading the same modules for each file takes longer than most tests.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './manifests.mjs'

const folders = ['packages', 'apps', 'benchmarks', 'fuzz', 'scripts']

/** Why a file needs a process of its own, and the text by which it is known. */
const reasons = {
  // A module may keep a timer, or a time, of the clock that was there when it first ran.
  'fakes timers or clocks': /useFakeTimers|setSystemTime|spyOn\((?:performance|Date|globalThis)\b|virtual-globals/,
  'changes what all modules of a process share':
    /process\.(?:env\[|on\(|once\(|chdir|exitCode)|vi\.stub|vi\.(?:do)?[mM]ock\(/,
  'says so': /^\/\/ Runs alone: /m,
  'registers something for good': /registerProtocol|setDefaultResultOrder/,
  // What other files left behind counts.
  'measures memory, handles or garbage':
    /process\.(?:memoryUsage|resourceUsage|getActiveResourcesInfo|report)|setFlagsFromString|node:perf_hooks/
}

/** Paths from the root of the test files that run alone, in order, each with its reason. */
export function isolatedTests() {
  const found = new Map()
  for (const file of folders.flatMap(folder => testFiles(path.join(root, folder)))) {
    const reason = whyIsolated(file)
    if (reason !== undefined) found.set(path.relative(root, file).replaceAll(path.sep, '/'), reason)
  }
  return found
}

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const file = path.join(folder, entry.name)
      if (entry.isDirectory()) return testFiles(file)
      return /\.test\.(?:ts|mjs)$/.test(entry.name) ? [file] : []
    })
}

/** Of the file, or of what it imports from a `test` folder. */
function whyIsolated(file, seen = new Set()) {
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [reason, pattern] of Object.entries(reasons)) if (pattern.test(text)) return reason
  for (const [, specifier] of text.matchAll(/ from '(\.{1,2}\/[^']+)'/g)) {
    const helper = path.resolve(path.dirname(file), specifier)
    if (!helper.includes(`${path.sep}test${path.sep}`) || seen.has(helper) || !existsSync(helper)) continue
    const reason = whyIsolated(helper, seen)
    if (reason !== undefined) return reason
  }
  return undefined
}
