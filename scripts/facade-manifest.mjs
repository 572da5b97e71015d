// Writes the entry point's subpaths: one file in packages/libp2p/src/modules/ for each module, with its names, and their
// exports and dependencies in its package.json. Run it when a module's exports change; `--check` only compares.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { fieldOrder, manifestText } from './manifest-fields.mjs'
import { readManifests, root } from './manifests.mjs'

const facade = 'packages/libp2p'
// What an application asks for by name. Interfaces, codecs and tools are for those who write modules.
const modules = [
  'transports/tcp',
  'transports/memory',
  'crypto/noise',
  'crypto/tls',
  'crypto/plaintext',
  'crypto/pnet',
  'crypto/secio',
  'muxers/yamux',
  'muxers/multiplex',
  'muxers/spdy',
  'swarm/identify',
  'swarm/ping',
  'swarm/echo',
  'swarm/perf',
  'discovery/railing',
  'discovery/mdns-discovery',
  'discovery/random-walk',
  'routing/mdns-routing',
  'records/mdns-record-store',
  'records/kad-record-store',
  'swarm/prometheus-metrics',
  'swarm/opentelemetry-metrics',
  'generic/peer-id',
  'generic/multiaddr',
  'generic/peer-store',
  // A part of a module: the subpath of the entry point has the name of the module's own.
  'swarm/interface-protocol/streams'
]
// What comes with the entry point: a node of TCP, Noise or TLS and Yamux that answers identify and ping, and what tests need.
// The packages of the others are optional peers: who names the subpath installs the package too, as in js-libp2p.
const included = new Set([
  'tcp',
  'memory',
  'noise',
  'tls',
  'yamux',
  'identify',
  'ping',
  'peer-id',
  'multiaddr',
  'peer-store',
  'interface-protocol'
])
// Subpaths that have js-libp2p's name.
const renamed = { 'discovery/mdns-discovery': 'mdns', 'records/kad-record-store': 'kad-dht' }
const nameOf = module => renamed[module] ?? path.basename(module)
const maxWidth = 120
const check = process.argv.includes('--check')
const manifests = readManifests()
const stale = []

const { manifest } = manifests.get('@weft/libp2p')
const folder = path.join(root, facade, 'src/modules')
const { dependencies } = manifest
const peers = {}
const own = Object.entries(manifest.exports).filter(([, target]) => !JSON.stringify(target).includes('/modules/'))
const subpaths = modules.map(module => {
  const name = nameOf(module)
  const [, owner, part] = module.split('/')
  const source = part === undefined ? `@weft/${owner}` : `@weft/${owner}/${part}`
  put(`${facade}/src/modules/${name}.ts`, moduleText(source, namesOf(module)))
  const needed = included.has(owner) ? dependencies : peers
  delete dependencies[`@weft/${owner}`]
  needed[`@weft/${owner}`] = `^${manifest.version}`
  const file = `modules/${name}`
  return [
    `./${name}`,
    { 'weft-source': `./src/${file}.ts`, types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }
  ]
})
manifest.exports = Object.fromEntries([...own, ...subpaths])
manifest.dependencies = sorted(dependencies)
manifest.peerDependencies = sorted(peers)
manifest.peerDependenciesMeta = Object.fromEntries(
  Object.keys(manifest.peerDependencies).map(name => [name, { optional: true }])
)
// As elsewhere: here they are there.
manifest.devDependencies = sorted({ ...manifest.devDependencies, ...peers })
const ordered = fieldOrder.filter(field => manifest[field] !== undefined).map(field => [field, manifest[field]])
put(`${facade}/package.json`, manifestText(Object.fromEntries(ordered)))
for (const file of existsSync(folder) ? readdirSync(folder) : []) {
  if (modules.some(module => `${nameOf(module)}.ts` === file)) continue
  stale.push(`${facade}/src/modules/${file}`)
  if (!check) rmSync(path.join(folder, file))
}

if (check && stale.length > 0) {
  console.error(`out of date, run \`node scripts/facade-manifest.mjs\`: ${stale.join(', ')}`)
  process.exit(1)
}

/** Names that a module's index exports, with whether each is a type alone. */
function namesOf(module) {
  const [group, owner, ...part] = module.split('/')
  const file = path.join(root, 'packages', group, owner, 'src', ...part, 'index.ts')
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  return source.statements
    .filter(statement => ts.isExportDeclaration(statement) && statement.exportClause !== undefined)
    .flatMap(({ exportClause, isTypeOnly }) =>
      exportClause.elements.map(element => ({ name: element.name.text, type: isTypeOnly || element.isTypeOnly }))
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function moduleText(source, names) {
  const list = type => names.filter(entry => entry.type === type).map(entry => entry.name)
  const lines = [`// Written by scripts/facade-manifest.mjs.`]
  if (names.length === 0) lines.push('export {}')
  for (const [keyword, exported] of [
    ['export type', list(true)],
    ['export', list(false)]
  ]) {
    if (exported.length === 0) continue
    const line = `${keyword} { ${exported.join(', ')} } from '${source}'`
    lines.push(line.length <= maxWidth ? line : `${keyword} {\n  ${exported.join(',\n  ')}\n} from '${source}'`)
  }
  return `${lines.join('\n')}\n`
}

function sorted(entries) {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function put(file, text) {
  const absolute = path.join(root, file)
  if (existsSync(absolute) && readFileSync(absolute, 'utf8').replace(/\s+/g, '') === text.replace(/\s+/g, '')) return
  stale.push(file)
  if (check) return
  mkdirSync(path.dirname(absolute), { recursive: true })
  writeFileSync(absolute, text)
}
