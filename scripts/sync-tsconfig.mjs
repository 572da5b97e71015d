// Writes each package's tsconfig.json and the root's from the manifests' dependencies; `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readManifests, root } from './manifests.mjs'

const check = process.argv.includes('--check')
const manifests = readManifests()
const stale = []

function put(file, value) {
  const text = `${JSON.stringify(value, null, 2)}\n`
  const absolute = path.join(root, file)
  if (existsSync(absolute) && readFileSync(absolute, 'utf8').replace(/\s+/g, '') === text.replace(/\s+/g, '')) return
  if (check) stale.push(file)
  else writeFileSync(absolute, text)
}

for (const { folder, manifest } of manifests.values()) {
  const up = path.relative(path.join(root, folder), root)
  const references = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter(name => manifests.has(name))
    .map(name => ({ path: path.relative(folder, manifests.get(name).folder) }))
  const usesNode = manifest.weft?.node === true
  put(`${folder}/tsconfig.json`, {
    extends: `${up}/tsconfig.base.json`,
    compilerOptions: { rootDir: 'src', outDir: 'dist', ...(usesNode ? { types: ['node'] } : {}) },
    include: ['src'],
    exclude: ['**/*.test.ts'],
    references
  })
}
put('tsconfig.json', { files: [], references: [...manifests.values()].map(({ folder }) => ({ path: folder })) })

if (stale.length > 0) {
  console.error(`out of date, run \`node scripts/sync-tsconfig.mjs\`: ${stale.join(', ')}`)
  process.exit(1)
}
