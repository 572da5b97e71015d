// `npm run sim:dial`: the cases of benchmarks/dials on virtual time and over loopback sockets (benchmarks/README.md).
// Options: --peers 10000 dials that many peers at once instead, on virtual time.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureInstalled, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'

await ensureInstalled()
const { bundleSources } = await import('./bundle.mjs')

const { values } = parseArgs({ options: { peers: { type: 'string' } } })
const peers = values.peers === undefined ? undefined : Number(values.peers)
if (peers !== undefined && !(Number.isInteger(peers) && peers > 0)) throw new Error('--peers takes a number of peers')

const work = path.join(root, '.weft/sim-dial')
mkdirSync(work, { recursive: true })
const bundle = path.join(work, 'main.mjs')
await bundleSources(path.join(root, 'benchmarks/dials/main.ts'), bundle)
const { runCases, runCrowd } = await import(pathToFileURL(bundle).href)

const began = performance.now()
const { passed, failed } = peers === undefined ? await runCases() : runCrowd(peers)
console.log(`${((performance.now() - began) / 1000).toFixed(1)} s`)
writeResults(peers === undefined ? 'sim-dial' : 'sim-dial-peers', passed, failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
