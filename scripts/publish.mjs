// Publishes every package whose version the registry does not have. For the release workflow alone: it has the token, and
// an identity that npm can sign for.
import { ensureBuilt, run, tool } from './ensure.mjs'
import { readManifests } from './manifests.mjs'
import { writeReleaseFiles } from './pack.mjs'

if (process.env.GITHUB_ACTIONS !== 'true') {
  console.error('this runs in the release workflow')
  process.exit(1)
}
const tag = process.env.GITHUB_REF_NAME
for (const { folder, manifest } of readManifests().values()) {
  if (`v${manifest.version}` === tag) continue
  console.error(`${folder} is version ${manifest.version}, the tag is ${tag}`)
  process.exit(1)
}

await ensureBuilt()
await writeReleaseFiles()
const env = { ...process.env, NPM_CONFIG_PROVENANCE: 'true' }
process.exit(run(process.execPath, [tool('@changesets/cli', 'bin.js'), 'publish', '--no-git-tag'], { env }))
