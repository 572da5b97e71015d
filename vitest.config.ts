import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { isolatedTests } from './scripts/isolated-tests.mjs'

// Sources are consumed through the private condition, so tests need no build.
const source = 'weft-source'
const tests = '{packages/libp2p,packages/*/*,apps/*}/{src,test}/**/*.test.ts'
// What measures and compares runs in Node alone, without a build.
const tools = '{benchmarks,fuzz,scripts}/**/*.test.mjs'
const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

// A busy machine is no failure. What hangs ends all the same. Milliseconds.
const testTimeout = 30_000
// The first file that loads a package waits until it is compiled, on a busy machine beside others that do the same.
const hookTimeout = 120_000
// Two files at a time on one core too: some tests wait, for a timeout or for a child process.
const maxWorkers = Math.max(2, availableParallelism())

const isolated = [...isolatedTests().keys()]
const shared = { testTimeout, hookTimeout, maxWorkers, isolate: false }
const alone = { testTimeout, hookTimeout, maxWorkers, isolate: true, include: isolated }
const notInNode = ['**/*.browser.test.ts', '**/node_modules/**']
const notInBrowsers = ['**/*.node.test.ts', '**/*.test.mjs', '**/node_modules/**']

// Without `module`, which Node does not know: packages name under it what only a bundler can read.
const node = {
  resolve: { conditions: [source, 'import', 'node', 'default'] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } }
}

const chromium = (cache: string) => ({
  // One each: a project that finds another dependency writes all of it anew, and reloads its pages.
  cacheDir: `node_modules/.vite/${cache}`,
  resolve: { conditions: [source, 'module', 'browser', 'import', 'default'] }
})

// Made anew for each project: vitest writes the names of instances into it.
const browser = () => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions: { executablePath: chromiumPath, args: chromiumArgs } }),
  instances: [{ browser: 'chromium' as const }]
})

const nodeProjects = [
  { ...node, test: { ...shared, name: 'node', include: [tests, tools], exclude: [...notInNode, ...isolated] } },
  { ...node, test: { ...alone, name: 'node-isolated', exclude: notInNode } }
]
const chromiumProjects = [
  {
    ...chromium('chromium'),
    test: {
      ...shared,
      name: 'chromium',
      include: [tests],
      exclude: [...notInBrowsers, ...isolated],
      browser: browser()
    }
  },
  {
    ...chromium('chromium-isolated'),
    test: { ...alone, name: 'chromium-isolated', exclude: notInBrowsers, browser: browser() }
  }
]

// scripts/test.mjs says in one plain line when the browser projects are left out.
export default defineConfig({
  test: { projects: existsSync(chromiumPath) ? [...nodeProjects, ...chromiumProjects] : nodeProjects }
})
