import { existsSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

// Sources are consumed through the private condition, so tests need no build.
const source = 'weft-source'
const tests = '{packages/libp2p,packages/*/*,apps/*}/{src,test}/**/*.test.ts'
// What measures and compares runs in Node alone, without a build.
const tools = 'benchmarks/**/*.test.mjs'
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

// Without `module`, which Node does not know: packages name under it what only a bundler can read.
const node = {
  resolve: { conditions: [source, 'import', 'node', 'default'] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
  test: { name: 'node', testTimeout, include: [tests, tools], exclude: ['**/*.browser.test.ts', '**/node_modules/**'] }
}

const chromium = {
  resolve: { conditions: [source, 'module', 'browser', 'import', 'default'] },
  test: {
    name: 'chromium',
    testTimeout,
    include: [tests],
    exclude: ['**/*.node.test.ts', '**/node_modules/**'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: chromiumPath, args: chromiumArgs } }),
      instances: [{ browser: 'chromium' as const }]
    }
  }
}

// scripts/test.mjs says in one plain line when the browser project is left out.
export default defineConfig({
  test: { projects: existsSync(chromiumPath) ? [node, chromium] : [node] }
})
