// Bundles the command `weft` for publishing: `node scripts/bundle-command.mjs [folder]`, by default apps/cli/dist/bundle.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './manifests.mjs'

const cli = path.join(root, 'apps/cli')
export const bundleFolder = path.join(cli, 'dist/bundle')

/** Writes `command.js`, what it loads later, and the licences of what is inside. */
export async function bundleCommand(outdir = bundleFolder) {
  // Only here: not every tool that packs has it installed.
  const { build } = await import('esbuild')
  rmSync(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(cli, 'src/command.ts')],
    outdir,
    bundle: true,
    // Commands load what they need, and no more.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['weft-source'],
    // Loaded by `weft node --metrics` only, and by what uses a repository: it is compiled code.
    external: ['prom-client', 'classic-level'],
    // What is CommonJS inside requires modules of Node's. Names stay: the trace of a mistake is read by people.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'\nconst require = makeRequire(import.meta.url)"
    },
    logLevel: 'error',
    metafile: true
  })
  writeFileSync(path.join(outdir, 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)))
}

/** The licence texts of the packages of others that these files are of. */
function licencesOf(files) {
  const folders = new Set(
    files.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.join(root, file)) ?? [])
  )
  const texts = [...folders]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map(folder => {
      const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
      const own = readdirSync(folder).filter(file => /^(licen[sc]e|copying|notice)/i.test(file))
      const text = own.map(file => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n')
      return `${name} ${version}: ${license}\n\n${text}`
    })
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundleCommand(process.argv[2])
