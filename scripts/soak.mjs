// Soak: `npm run soak -- --cycles 5000` (interop/README.md, "Endurance"). Options: --cycles, --impl weft|js.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { installJsLibp2p, nodeFor, root } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const args = process.argv.slice(2)
const impl = args.includes('js') ? 'js' : 'weft'

await ensureInstalled()
if (impl === 'js') installJsLibp2p()
else await ensureBuilt()

const program = path.join(root, 'interop/endurance/soak.mjs')
// Without the compilers that optimise: their code and its notes on how to undo it count as heap, and grow for long.
const flags = ['--expose-gc', '--no-opt', '--no-maglev', '--no-sparkplug']
const { status } = spawnSync(nodeFor[impl], [...flags, program, ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
