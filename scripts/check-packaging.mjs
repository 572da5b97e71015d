// Runs publint on every package that will be published. Needs compiled output.
import path from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { readManifests, root } from './manifests.mjs'

let problems = 0
const manifests = readManifests()
for (const { folder, manifest } of manifests.values()) {
  const { messages } = await publint({ pkgDir: path.join(root, folder), pack: false, strict: true })
  for (const message of messages) {
    if (message.type === 'suggestion') continue
    problems++
    console.error(`${folder}: ${formatMessage(message, manifest, { color: false })}`)
  }
}
console.log(`${manifests.size} packages checked, ${problems} problems`)
process.exit(problems === 0 ? 0 : 1)
