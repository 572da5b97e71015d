// Reads the workspaces' manifests once, for the scripts that check or use them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

/** Folders of all workspaces, relative to the root, in a stable order. */
export function workspaceFolders() {
  const folders = ['packages/libp2p']
  for (const group of readdirSync(path.join(root, 'packages'))) {
    if (group === 'libp2p') continue
    for (const name of readdirSync(path.join(root, 'packages', group))) folders.push(`packages/${group}/${name}`)
  }
  for (const name of readdirSync(path.join(root, 'apps'))) folders.push(`apps/${name}`)
  return folders.filter(folder => existsSync(path.join(root, folder, 'package.json'))).sort()
}

/** Map of package name to `{ folder, manifest, text }`. */
export function readManifests() {
  const manifests = new Map()
  for (const folder of workspaceFolders()) {
    const text = readFileSync(path.join(root, folder, 'package.json'), 'utf8')
    const manifest = JSON.parse(text)
    manifests.set(manifest.name, { folder, manifest, text })
  }
  return manifests
}
