// Holds every package.json, the lock file and the changesets to one shape. Prints what deviates; exits 1 if anything does.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { commonFields, versionFileOf } from './common-fields.mjs'
import { fieldOrder } from './manifest-fields.mjs'
import { readManifests, root } from './manifests.mjs'

const maxLines = 60
// Two copies of these break identity: lists and CIDs pass between packages.
const singleVersions = ['uint8arraylist', 'multiformats']
// Packages that may declare an install script. None is run: installation is `npm ci --ignore-scripts`.
// classic-level brings its compiled code along, and its script would only compile it where there is none.
const installScripts = ['classic-level', 'esbuild', 'fsevents']

const rootManifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const problems = []
const manifests = readManifests()
for (const { folder, manifest, text } of manifests.values()) checkManifest(folder, manifest, text)
checkLockFile(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
checkTsconfigs()
checkChangesets(path.join(root, '.changeset'))
checkVersion()

for (const problem of problems) console.error(problem)
console.log(`${manifests.size} manifests checked, ${problems.length} problems`)
process.exit(problems.length === 0 ? 0 : 1)

function checkManifest(folder, manifest, text) {
  const report = what => problems.push(`${folder}/package.json: ${what}`)
  // The facade's is generated, and long: it names a subpath for each module.
  const lines = text.trimEnd().split('\n').length
  if (folder !== 'packages/libp2p' && lines > maxLines) {
    report(`${lines} lines, at most ${maxLines}: run node scripts/common-fields.mjs`)
  }

  const fields = Object.keys(manifest)
  for (const field of fields) if (!fieldOrder.includes(field)) report(`unknown field ${field}`)
  const sorted = fields.toSorted((a, b) => fieldOrder.indexOf(a) - fieldOrder.indexOf(b))
  if (fields.join() !== sorted.join()) report(`fields are not in the order ${sorted.join(', ')}`)

  const base = path.basename(folder)
  if (manifest.name !== `@weft/${base}`) report(`name is not @weft/${base}`)
  if (manifest.version !== rootManifest.version) report(`version is not ${rootManifest.version}`)
  if (!manifest.description) report('no description')
  if (manifest.license !== rootManifest.license) report(`license is not ${rootManifest.license}`)
  if (manifest.repository?.directory !== folder) report(`repository.directory is not ${folder}`)
  if (manifest.type !== 'module') report('type is not module')
  if (manifest.engines?.node !== rootManifest.engines.node) report(`engines.node is not ${rootManifest.engines.node}`)
  for (const entry of ['dist', 'src', '!**/*.test.*']) {
    if (!manifest.files?.includes(entry)) report(`files lacks ${entry}`)
  }

  for (const [name, value] of Object.entries(commonFields(folder))) {
    if (JSON.stringify(manifest[name]) === JSON.stringify(value)) continue
    report(`${name} is not ${JSON.stringify(value)}: run node scripts/common-fields.mjs`)
  }
  // What tests are made of is not for those who only use the package: a suite names it as an optional peer.
  if (manifest.dependencies?.['@weft/testkit'] !== undefined) report('depends on @weft/testkit at run time')

  checkExports(folder, manifest.exports ?? {}, report)
  for (const [name, target] of Object.entries(manifest.imports ?? {})) checkImport(folder, name, target, report)
  for (const target of Object.values(manifest.bin ?? {})) checkTarget(folder, sourceOf(target), report)
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (manifests.has(name) && range !== `^${rootManifest.version}`) report(`${name} is not ^${rootManifest.version}`)
  }
  if (!existsSync(path.join(root, folder, 'README.md'))) report('no README.md beside it')
  if (!hasTest(path.join(root, folder))) report('no test beside it')
}

function checkExports(folder, exports, report) {
  if (exports['.'] === undefined) report('exports has no "."')
  for (const [subpath, target] of Object.entries(exports)) {
    if (subpath === './package.json') continue
    const conditions = Object.keys(target)
    const twins = typeof target['weft-source'] === 'object' || conditions.includes('browser')
    if (conditions[0] !== 'weft-source') report(`exports["${subpath}"] does not begin with weft-source`)
    if (conditions.at(-1) !== 'default') report(`exports["${subpath}"] does not end in default`)
    if (!twins && conditions.join() !== 'weft-source,types,default') {
      report(`exports["${subpath}"] has other conditions than weft-source, types, default`)
    }
    for (const file of new Set(leaves(target).map(sourceOf))) checkTarget(folder, file, report)
    // What is published must come from what is tested.
    if (!twins && sourceOf(target.default) !== target['weft-source']) {
      report(`exports["${subpath}"].default is not compiled from its weft-source`)
    }
  }
}

function checkImport(folder, name, target, report) {
  if (!name.startsWith('#')) report(`imports["${name}"] does not begin with #`)
  if (typeof target === 'string') {
    report(`imports["${name}"] has no weft-source`)
    return
  }
  const conditions = Object.keys(target)
  if (conditions[0] !== 'weft-source') report(`imports["${name}"] does not begin with weft-source`)
  if (conditions.at(-1) !== 'default') report(`imports["${name}"] does not end in default`)
  for (const file of new Set(leaves(target).map(sourceOf))) checkTarget(folder, file, report)
  const { 'weft-source': source, types: _, ...built } = target
  const flat = value => JSON.stringify(value, (_key, inner) => (typeof inner === 'string' ? sourceOf(inner) : inner))
  const sources = typeof source === 'string' ? { default: source } : source
  if (flat(sources) !== flat(built)) report(`imports["${name}"]: weft-source and the built files differ`)
}

function checkTarget(folder, file, report) {
  if (!existsSync(path.join(root, folder, file))) report(`${file} does not exist`)
}

function leaves(target) {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(leaves)
}

function sourceOf(file) {
  return file.replace(/^\.\/dist\//, './src/').replace(/(\.d\.ts|\.js)$/, '.ts')
}

function hasTest(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some(
    file => file.endsWith('.test.ts') && !file.startsWith('node_modules') && !file.startsWith('dist')
  )
}

function checkLockFile(text) {
  const report = what => problems.push(`package-lock.json: ${what}`)
  const lock = JSON.parse(text)
  if (lock.lockfileVersion !== 3) report('lockfileVersion is not 3')
  const versions = new Map(singleVersions.map(name => [name, new Set()]))
  for (const [where, entry] of Object.entries(lock.packages)) {
    if (!where.includes('node_modules/') || entry.link === true) continue
    const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length)
    versions.get(name)?.add(entry.version)
    // Without a host, the installation goes to whatever registry the machine is set to.
    if (entry.resolved !== undefined) report(`${where} has a resolved host (see .npmrc)`)
    if (!entry.integrity?.startsWith('sha512-')) report(`${where} has no sha512 integrity`)
    if (entry.hasInstallScript && !installScripts.includes(name)) report(`${where} has an install script`)
  }
  // `npm ci` refuses a lock file without the packages of other platforms. `npm install` leaves them out where it finds
  // a node_modules without them; `npm install --package-lock-only`, with none there, writes them.
  for (const [where, { optionalDependencies }] of Object.entries(lock.packages)) {
    for (const name of Object.keys(optionalDependencies ?? {})) {
      if (!resolves(lock.packages, where, name)) report(`${where} lacks its optional ${name}`)
    }
  }
  for (const [name, found] of versions) {
    if (found.size > 1) report(`${name} is there in ${found.size} versions: ${[...found].join(', ')}`)
  }
}

/** Whether a package that is wanted by the one at `where` is in its node_modules, or in one further up. */
function resolves(packages, where, name) {
  for (let folder = where; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true
    if (folder === '') return false
  }
}

function checkTsconfigs() {
  const check = spawnSync(process.execPath, [path.join(root, 'scripts/sync-tsconfig.mjs'), '--check'])
  if (check.status !== 0) problems.push(`tsconfig.json files: ${check.stderr.toString().trim()}`)
}

function checkVersion() {
  const { file, text, wanted } = versionFileOf(rootManifest.version)
  if (text !== wanted) problems.push(`${file}: not version ${rootManifest.version}: run node scripts/common-fields.mjs`)
}

/** A release reads all of them, and fails at the first that has another head. */
function checkChangesets(folder) {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.md') || file === 'README.md') continue
    const [, head] =
      readFileSync(path.join(folder, file), 'utf8').match(/^---\n((?:'[^']+': (?:patch|minor|major)\n)+)---\n/) ?? []
    const names = head?.matchAll(/'([^']+)'/g) ?? []
    if (head === undefined)
      problems.push(`.changeset/${file}: its head is not of the form 'package': patch | minor | major`)
    for (const [, name] of names) if (!manifests.has(name)) problems.push(`.changeset/${file}: there is no ${name}`)
  }
}
