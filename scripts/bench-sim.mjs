// `npm run bench:sim`: 2,000 whole nodes and 10,000 senders of datagrams on virtual time, in one thread (benchmarks/README.md).
// Options: --nodes, --datagrams.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureInstalled, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'

await ensureInstalled()
const { bundleSources } = await import('./bundle.mjs')

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '2000' }, datagrams: { type: 'string', default: '10000' } }
})
const sizes = { nodes: Number(values.nodes), datagrams: Number(values.datagrams) }
for (const [name, size] of Object.entries(sizes)) {
  if (!(Number.isInteger(size) && size > 1)) throw new Error(`--${name} takes a number of at least 2`)
}

const work = path.join(root, '.weft/bench-sim')
mkdirSync(work, { recursive: true })
const bundle = path.join(work, 'main.mjs')
await bundleSources(path.join(root, 'benchmarks/sim/main.ts'), bundle)
const { runSimulations } = await import(pathToFileURL(bundle).href)

const { passed, failed } = await runSimulations(sizes)
writeResults('bench-sim', passed, failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
