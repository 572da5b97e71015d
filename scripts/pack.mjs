// Packs the workspaces as they would be published, each with the licence text. Needs compiled output.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleCommand, bundleFolder } from './bundle-command.mjs'
import { licenceText } from './common-fields.mjs'
import { readManifests, root } from './manifests.mjs'

/** Writes the licence beside every manifest, where npm packs it; git ignores it. */
function writeLicences() {
  for (const { folder } of readManifests().values()) writeFileSync(path.join(root, folder, 'LICENSE'), licenceText())
}

/** Writes what a release has beside the compiled files: licences, and the command in a few files. */
export async function writeReleaseFiles() {
  writeLicences()
  await bundleCommand()
}

/** Packs everything to a folder. Resolves with a map of package name to `{ file, files }`, an absolute path and the paths inside. */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true })
  await writeReleaseFiles()
  const args = ['pack', '--workspaces', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })
  // The source tree runs what is compiled, which may be newer.
  rmSync(bundleFolder, { recursive: true, force: true })
  if (status !== 0) throw new Error(`npm pack failed\n${stderr}`)
  const packed = JSON.parse(stdout)
  return new Map(
    Object.values(packed).map(({ name, filename, files }) => [
      name,
      { file: path.join(folder, path.basename(filename)), files: files.map(file => file.path) }
    ])
  )
}

/** The packages of this repository that these need at run time, with themselves. */
export function closureOf(names) {
  const manifests = readManifests()
  const found = new Set()
  const add = name => {
    if (found.has(name) || !manifests.has(name)) return
    found.add(name)
    for (const needed of Object.keys(manifests.get(name).manifest.dependencies ?? {})) add(needed)
  }
  for (const name of names) add(name)
  return [...found]
}

/** Installs packed packages, as the registry would give them, in an empty folder. */
export function installPacked(folder, packed, names) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const dependencies = Object.fromEntries(names.map(name => [name, pathToFileURL(packed.get(name).file).href]))
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm install failed in ${folder}\n${stdout}${stderr}`)
}
