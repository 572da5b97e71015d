// `npm run sim:dht`: networks of real kad nodes on virtual time, in one thread (benchmarks/README.md).
// Options: --nodes, --lookups, --seed, --only with the beginning of a scenario's name.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureInstalled, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'

await ensureInstalled()
const { bundleSources } = await import('./bundle.mjs')

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    lookups: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' }
  }
})
const sizes = { nodes: Number(values.nodes), lookups: Number(values.lookups), seed: Number(values.seed) }
for (const [name, size] of Object.entries(sizes)) {
  if (!(Number.isInteger(size) && size >= (name === 'seed' ? 0 : 2))) throw new Error(`--${name} takes a whole number`)
}

const work = path.join(root, '.weft/sim-dht')
mkdirSync(work, { recursive: true })
const bundle = path.join(work, 'main.mjs')
await bundleSources(path.join(root, 'benchmarks/dht/main.ts'), bundle)
const { runSimulations } = await import(pathToFileURL(bundle).href)

const { passed, failed } = await runSimulations({ ...sizes, ...(values.only !== undefined && { only: values.only }) })
writeResults('sim-dht', passed, failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
