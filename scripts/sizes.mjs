// `npm run sizes`: what users get. Packages and megabytes that installing the entry point with tcp, noise, yamux, identify
// and ping brings, and what a page loads at first of the same without transport: the rest, a resolver of DNS over HTTPS, comes
// with the first name. `--write` commits the figures to sizes.json. What bounds them is in benchmarks/NOTES.md.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'
import { root } from './manifests.mjs'
import { closureOf, installPacked, packAll } from './pack.mjs'

const file = path.join(root, 'sizes.json')
const parts = ['noise', 'yamux', 'identify', 'ping']

// Packages of others change within their ranges: above this share it is a change of ours.
const slack = 1.02

/** The figures of packed packages: `packages`, `megabytes`, `bundleKilobytes` (gzipped). */
export async function measureSizes(packed, work) {
  const folder = path.join(work, 'sizes')
  installPacked(folder, packed, closureOf(['@weft/libp2p']))
  const { packages, bytes } = measureFolder(path.join(folder, 'node_modules'))
  return {
    packages,
    megabytes: Number((bytes / 1e6).toFixed(1)),
    bundleKilobytes: Number(((await bundleSize(folder)) / 1000).toFixed(1))
  }
}

/** What is above the committed figures, in sentences. */
export function compareSizes(measured) {
  return Object.entries(JSON.parse(readFileSync(file, 'utf8')))
    .filter(([name, committed]) => measured[name] > committed * slack)
    .map(([name, committed]) => `${name}: ${measured[name]}, committed are ${committed}`)
}

async function bundleSize(folder) {
  // Only here: the tools of a release run where esbuild is installed.
  const esbuild = await import('esbuild')
  const entry = path.join(folder, 'browser.mjs')
  const lines = parts.map(part => `export { ${part} } from '@weft/libp2p/${part}'`)
  writeFileSync(entry, [`export { createLibp2p } from '@weft/libp2p'`, ...lines, ''].join('\n'))
  const { outputFiles, metafile } = await esbuild.build({
    ...{ entryPoints: [entry], bundle: true, minify: true, write: false, format: 'esm', platform: 'browser' },
    ...{ target: 'es2022', splitting: true, outdir: folder, metafile: true }
  })
  const { outputs } = metafile
  const first = new Set()
  const load = file => {
    if (first.has(file)) return
    first.add(file)
    for (const { path: needed, kind } of outputs[file].imports) if (kind !== 'dynamic-import') load(needed)
  }
  load(Object.keys(outputs).find(file => outputs[file].entryPoint !== undefined && file.endsWith('browser.js')))
  const files = new Set([...first].map(file => path.resolve(file)))
  const loaded = outputFiles.filter(({ path: file }) => files.has(file))
  return gzipSync(Buffer.concat(loaded.map(({ contents }) => contents)), { level: 9 }).byteLength
}

/** Packages below a node_modules folder, and the bytes of their files. */
function measureFolder(folder) {
  let [packages, bytes] = [0, 0]
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const where = path.join(entry.parentPath ?? entry.path, entry.name)
    bytes += statSync(where).size
    if (entry.name === 'package.json' && /node_modules[\\/](@[^\\/]+[\\/])?[^\\/@]+[\\/]package\.json$/.test(where))
      packages++
  }
  return { packages, bytes }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensureInstalled()
  await ensureBuilt()
  const work = mkdtempSync(path.join(os.tmpdir(), 'weft-sizes-'))
  try {
    const measured = await measureSizes(await packAll(path.join(work, 'packed')), work)
    console.log(`installed: ${measured.packages} packages, ${measured.megabytes} MB`)
    console.log(`in a browser, without transport: ${measured.bundleKilobytes} kB gzipped`)
    if (process.argv.includes('--write')) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`)
    else {
      const problems = compareSizes(measured)
      for (const problem of problems) console.log(`FAILED: ${problem}`)
      process.exitCode = problems.length === 0 ? 0 : 1
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
