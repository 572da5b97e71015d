// `npm run release:check`: what users would get of a release. Packs everything, installs it in an empty folder, checks the
// types of a program that uses it, runs the README's program from it, and compares the sizes. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureBuilt, ensureInstalled, tool, writeResults } from './ensure.mjs'
import { root } from './manifests.mjs'
import { installPacked, packAll } from './pack.mjs'
import { compareSizes, measureSizes } from './sizes.mjs'

await ensureInstalled()
await ensureBuilt()

const work = mkdtempSync(path.join(os.tmpdir(), 'weft-release-'))
let [passed, failed] = [0, 0]
try {
  await checkAll()
} finally {
  rmSync(work, { recursive: true, force: true })
}
writeResults('release-check', passed, failed)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

async function checkAll() {
  const packed = await packAll(path.join(work, 'packed'))
  check(`${packed.size} tarballs hold licence, README and compiled files, and no test`, tarballProblems(packed))

  const consumer = path.join(work, 'consumer')
  installPacked(consumer, packed, [...packed.keys()])
  // For the types of Node, and nothing else of the repository's.
  mkdirSync(path.join(consumer, 'node_modules/@types'), { recursive: true })
  symlinkSync(path.join(root, 'node_modules/@types/node'), path.join(consumer, 'node_modules/@types/node'))
  symlinkSync(path.join(root, 'node_modules/undici-types'), path.join(consumer, 'node_modules/undici-types'))

  const program = /^```ts\n(.*?)^```$/ms.exec(readFileSync(path.join(root, 'README.md'), 'utf8'))[1]
  writeFileSync(path.join(consumer, 'program.ts'), program)
  const modules = [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler']
  ]
  for (const [module, moduleResolution] of modules) {
    const options = { module, moduleResolution, strict: true, target: 'es2022', noEmit: true }
    const withDom = { ...options, lib: ['es2023', 'dom', 'dom.iterable'], types: ['node'], skipLibCheck: false }
    check(`types, ${moduleResolution}, with DOM, every declaration`, typeErrors(consumer, withDom))
    const withoutDom = { ...options, lib: ['es2023'], types: ['node'], skipLibCheck: true }
    check(`types, ${moduleResolution}, without DOM`, typeErrors(consumer, withoutDom))
    const own = typeErrors(consumer, { ...withoutDom, skipLibCheck: false }).filter(isOurs)
    check(`types, ${moduleResolution}, without DOM, our declarations`, own)
  }

  const { status, stdout, stderr } = runProgram(consumer)
  check(`the README's program: ${stdout.trim()}`, status === 0 && / ms$/.test(stdout.trim()) ? [] : [stdout + stderr])

  const version = spawnSync(path.join(consumer, 'node_modules/.bin/weft'), ['--version'], { encoding: 'utf8' })
  check(`the command, version ${version.stdout?.trim()}`, version.status === 0 ? [] : [String(version.stderr)])

  const measured = await measureSizes(packed, work)
  check('subpaths: what is included loads, what is not names its package', subpathProblems(path.join(work, 'sizes')))
  const { packages, megabytes, bundleKilobytes } = measured
  const figures = `${packages} packages, ${megabytes} MB, ${bundleKilobytes} kB in browsers`
  check(`sizes: ${figures}`, compareSizes(measured))
}

/** Of the entry point alone, without its optional peers. */
function subpathProblems(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'node_modules/@weft/libp2p/package.json'), 'utf8'))
  const absent = new Set()
  const problems = []
  for (const subpath of Object.keys(manifest.exports)) {
    const name = path.posix.join('@weft/libp2p', subpath)
    const args = ['--input-type=module', '-e', `await import(${JSON.stringify(name)})`]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    const named = /Cannot find package '([^']+)'/.exec(stderr)?.[1]
    if (status === 0) continue
    if (manifest.peerDependencies[named] === undefined) problems.push(`${name}: ${stderr}`)
    absent.add(named)
  }
  for (const peer of Object.keys(manifest.peerDependencies)) if (!absent.has(peer)) problems.push(`${peer} is no peer`)
  return problems
}

function tarballProblems(packed) {
  const problems = []
  for (const [name, { files }] of packed) {
    for (const file of ['LICENSE', 'README.md', 'package.json']) {
      if (!files.includes(file)) problems.push(`${name} has no ${file}`)
    }
    if (!files.some(file => /^dist\/.*\.js$/.test(file))) problems.push(`${name} has nothing compiled`)
    if (name === '@weft/cli' && !files.includes('dist/bundle/command.js')) problems.push(`${name} has no bundle`)
    for (const file of files) if (/\.test\.|\.tsbuildinfo$/.test(file)) problems.push(`${name} has ${file}`)
  }
  return problems
}

function typeErrors(folder, compilerOptions) {
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  const args = [tool('typescript', 'bin/tsc'), '-p', 'tsconfig.json', '--pretty', 'false']
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  return stdout.split('\n').filter(line => /error TS\d+/.test(line))
}

/** Errors in our declarations, but for names of DOM types that the contract's own types bring. */
function isOurs(line) {
  return (
    /^node_modules\/@weft\//.test(line) &&
    !/Cannot find name '(Event|CustomEvent|EventListener|AddEventListener)/.test(line)
  )
}

function runProgram(folder) {
  const emit = ['--module', 'nodenext', '--target', 'es2022', '--outDir', 'out', '--skipLibCheck', '--types', 'node']
  const args = [tool('typescript', 'bin/tsc'), 'program.ts', '--ignoreConfig', ...emit]
  const compiled = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  if (compiled.status !== 0) return compiled
  return spawnSync(process.execPath, ['out/program.js'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
}

function check(what, problems) {
  if (problems.length === 0) passed++
  else failed++
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}: ${what}`)
  for (const problem of problems.slice(0, 20)) console.log(`    ${problem}`)
}
