// What every package's manifest and tarball say alike: the fields of publishing, the licence text, and the version that the
// entry point tells others. `node scripts/common-fields.mjs` writes them; check-manifests.mjs compares.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { fieldOrder, manifestText } from './manifest-fields.mjs'
import { readManifests, root } from './manifests.mjs'

const repository = 'https://github.com/weft-libp2p/weft'
const versionFile = 'packages/libp2p/src/version.ts'

/** The fields of a manifest that follow from its folder. */
export function commonFields(folder) {
  return {
    keywords: [...new Set(['libp2p', 'p2p', path.basename(folder)])],
    homepage: `${repository}/tree/main/${folder}#readme`,
    bugs: `${repository}/issues`,
    author: 'The weft contributors',
    publishConfig: { access: 'public', provenance: true }
  }
}

/** The licence of a tarball: the repository's two, of which one is to be chosen. npm packs files of this name by itself. */
export function licenceText() {
  const texts = ['LICENSE-MIT', 'LICENSE-APACHE'].map(file => readFileSync(path.join(root, file), 'utf8').trim())
  return `Licensed under either of the two licences below, at your choice.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** The source file that tells the version of a release, for the version of the root's manifest. */
export function versionText(text, version) {
  return text.replace(/(?<=export const version = ')[^']*/, version)
}

/** The text of the version file, and what it has to be. */
export function versionFileOf(version) {
  const text = readFileSync(path.join(root, versionFile), 'utf8')
  return { file: versionFile, text, wanted: versionText(text, version) }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { folder, manifest } of readManifests().values()) {
    const fields = { ...manifest, ...commonFields(folder) }
    const sorted = Object.fromEntries(
      Object.entries(fields).sort(([a], [b]) => fieldOrder.indexOf(a) - fieldOrder.indexOf(b))
    )
    writeFileSync(path.join(root, folder, 'package.json'), manifestText(sorted))
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'packages/libp2p/package.json'), 'utf8'))
  const { file, wanted } = versionFileOf(version)
  writeFileSync(path.join(root, file), wanted)
}
