// The rules of .dependency-cruiser.cjs report what they forbid: each import stands in a small tree of its own.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from './manifests.mjs'

const forbidden = {
  'generic-imports-only-generic': ['generic/a', 'swarm/swarm'],
  'interfaces-import-generic-and-interfaces': ['swarm/interface-a', 'swarm/swarm'],
  'implementations-do-not-import-one-another': ['transports/udt', 'transports/udp'],
  'swarm/swarm-imports-only-its-exceptions': ['swarm/swarm', 'transports/tcp'],
  'transports/cjdns-imports-only-its-exceptions': ['transports/cjdns', 'transports/udp'],
  'every-folder-has-a-group': ['misc/a', 'generic/b'],
  'nothing-imports-the-facade': ['nat/a', 'libp2p']
}
const allowed = [
  ['swarm/swarm', 'swarm/dialer'],
  ['transports/cjdns', 'transports/utp'],
  ['transports/quic', 'crypto/tls'],
  ['nat/b', 'swarm/interface-a'],
  ['pubsub/a', 'generic/b']
]
let folder
let violations

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'boundaries-'))
  copyFileSync(path.join(root, '.dependency-cruiser.cjs'), path.join(folder, 'rules.cjs'))
  const imports = new Map()
  for (const [from, to] of [...Object.values(forbidden), ...allowed]) {
    imports.set(to, imports.get(to) ?? [])
    imports.set(from, [...(imports.get(from) ?? []), to])
  }
  for (const [name, targets] of imports) {
    const source = path.join(folder, 'packages', name, 'src')
    mkdirSync(source, { recursive: true })
    writeFileSync(path.join(source, 'index.mjs'), 'export const a = 1\n')
    for (const to of targets) {
      const file = path.relative(source, path.join(folder, 'packages', to, 'src/index.mjs'))
      writeFileSync(path.join(source, `${to.replace('/', '-')}.mjs`), `import '${file}'\n`)
    }
  }
  const tool = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [tool, 'packages', '--config', 'rules.cjs', '--output-type', 'json']
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 })
  violations = JSON.parse(stdout).summary.violations.map(({ rule, from, to }) => [rule.name, from, to])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each(Object.entries(forbidden))('%s', (rule, [from, to]) => {
  const file = `packages/${from}/src/${to.replace('/', '-')}.mjs`
  expect(violations).toContainEqual([rule, file, `packages/${to}/src/index.mjs`])
})

it.each(allowed)('lets %s import %s', (from, to) => {
  const file = `packages/${from}/src/${to.replace('/', '-')}.mjs`
  expect(violations.filter(([, importer]) => importer === file)).toEqual([])
})
