// `npm run examples`: runs each program of examples/ on loopback and checks what it prints. Arguments: names of examples.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { ensureBuilt, ensureInstalled, writeResults } from './ensure.mjs'
import { exampleNames, runExample } from './example-runs.mjs'
import { root } from './manifests.mjs'

await ensureInstalled()
await ensureBuilt()

const chosen = process.argv.slice(2)
let [passed, failed] = [0, 0]
for (const name of chosen.length > 0 ? chosen : exampleNames) {
  const began = performance.now()
  const { ok, output } = await runExample(name, process.execPath)
  tell(ok, `${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`, output)
}
if (chosen.length === 0) {
  const files = readdirSync(path.join(root, 'examples')).filter(file => file.endsWith('.mjs'))
  const unknown = files.filter(file => !exampleNames.includes(path.basename(file, '.mjs')))
  tell(unknown.length === 0, 'every example is run', unknown.join(', '))
}
writeResults('examples', passed, failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function tell(ok, what, output) {
  if (ok) passed++
  else failed++
  console.log(`${ok ? 'ok' : 'FAILED'}: ${what}`)
  if (output !== '') console.log(output)
}
