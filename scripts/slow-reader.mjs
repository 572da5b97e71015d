// Slow reader: `npm run test:slow-reader` (interop/README.md, "Endurance"). Options: --impl weft|js, --modes iterate,pause.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { installJsLibp2p, nodeFor, root } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const args = process.argv.slice(2)
const impl = args.includes('js') ? 'js' : 'weft'

await ensureInstalled()
if (impl === 'js') installJsLibp2p()
else await ensureBuilt()

const program = path.join(root, 'interop/endurance/slow-reader.mjs')
const { status } = spawnSync(nodeFor[impl], [program, ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
