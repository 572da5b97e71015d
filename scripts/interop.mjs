// Runs the interop matrix (interop/README.md). Options: --impl weft|js (what is tested against js-libp2p),
// --only text (cells whose "group / name" contains it), --no-build.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { Cells, summary, table } from '../interop/lib/cells.mjs'
import { installJsLibp2p, writeResults } from '../interop/lib/setup.mjs'
import { inProcess } from '../interop/scenarios/in-process.mjs'
import { pairs } from '../interop/scenarios/pairs.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values } = parseArgs({
  options: {
    impl: { type: 'string', default: 'weft' },
    only: { type: 'string' },
    'no-build': { type: 'boolean', default: false }
  }
})

ensureInstalled()
installJsLibp2p()
if (values.impl === 'weft' && !values['no-build']) ensureBuilt()

const started = Date.now()
const cells = new Cells(values.only)
const matrix = { securities: ['noise', 'tls', 'plaintext'], muxers: ['yamux', 'mplex'] }
await pairs(cells, { dialer: values.impl, listener: 'js', ...matrix })
if (values.impl !== 'js') await pairs(cells, { dialer: 'js', listener: values.impl, ...matrix })
await inProcess(cells, { impl: values.impl, only: values.only })

const { passed, failed } = summary(cells.results)
const seconds = Math.round((Date.now() - started) / 1000)
writeResults('interop.json', {
  node: process.version,
  cpus: os.cpus().length,
  seconds,
  passed,
  failed,
  cells: cells.results
})
process.stdout.write(`${table(cells.results)}\n${seconds} s\n${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
