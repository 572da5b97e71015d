// The API of all packages, for scripts/docs.mjs, which adds the guides, and scripts/check-api-docs.mjs, which reports what has
// no description.
import { existsSync } from 'node:fs'
import { readManifests } from './scripts/manifests.mjs'

const packages = [...readManifests().values()].filter(({ folder }) => folder.startsWith('packages/'))

export default {
  name: 'weft',
  entryPointStrategy: 'resolve',
  entryPoints: packages.flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports)
      .map(target => target['weft-source'])
      .filter(source => typeof source === 'string')
      .map(source => `${folder}/${source.replace('./', '')}`)
      // check-manifests reports what is not there.
      .filter(file => existsSync(new URL(file, import.meta.url)))
  ),
  // The re-exports of the facade are documented where they are declared.
  packagesRequiringDocumentation: packages.map(({ manifest }) => manifest.name),
  tsconfig: 'tsconfig.check.json',
  // The type check is a stage of its own.
  skipErrorChecking: true,
  excludeExternals: true,
  excludePrivate: true,
  readme: 'none',
  disableGit: true,
  gitRevision: 'main',
  sourceLinkTemplate: 'https://github.com/weft-libp2p/weft/blob/{gitRevision}/{path}#L{line}',
  out: 'docs-out',
  validation: { notExported: false, notDocumented: true, invalidLink: true }
}
