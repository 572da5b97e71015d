// Runs the interop matrix (interop/README.md). Names of foreign peers, `kad` or `legacy`: those alone. Options: --impl weft|js (what is
// tested against js-libp2p), --only text (cells whose "group / name" contains it), --kill-all (sides are killed under every
// channel and muxer, not two of each), --no-build.
import os from 'node:os'
import { parseArgs } from 'node:util'
import { Cells, summary, table } from '../interop/lib/cells.mjs'
import { foreignPeers } from '../interop/lib/foreign.mjs'
import { installJsLibp2p, writeResults } from '../interop/lib/setup.mjs'
import { foreign, prepareForeign } from '../interop/scenarios/foreign.mjs'
import { earlyMuxers, identities } from '../interop/scenarios/handshakes.mjs'
import { inProcess } from '../interop/scenarios/in-process.mjs'
import { kadNetwork, prepareKadNetwork } from '../interop/scenarios/kad-network.mjs'
import { legacy, prepareLegacy } from '../interop/scenarios/legacy.mjs'
import { pairs } from '../interop/scenarios/pairs.mjs'
import { pnet } from '../interop/scenarios/pnet.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    impl: { type: 'string', default: 'weft' },
    only: { type: 'string' },
    'kill-all': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false }
  }
})
const others = ['kad', 'legacy']
const known = [...Object.keys(foreignPeers), ...others]
const unknown = positionals.find(name => !known.includes(name))
if (unknown !== undefined) {
  process.stderr.write(`${unknown} is not one of ${known.join(', ')}\n`)
  process.exit(1)
}

const started = Date.now()
// Compiling a foreign peer for the first time takes minutes: it goes on while the rest runs.
const whole = positionals.length === 0
const names = whole ? (values.impl === 'weft' ? ['go'] : []) : positionals.filter(name => !others.includes(name))
const preparing = names.map(name => prepareForeign(name))
// a failure is told when its turn comes
for (const peer of preparing) peer.catch(() => {})

await ensureInstalled()
const commands = positionals.includes('legacy') ? await prepareLegacy() : undefined
const kadBinary = positionals.includes('kad') ? prepareKadNetwork() : undefined
if (whole || names.length > 0 || kadBinary !== undefined) installJsLibp2p()
if (values.impl === 'weft' && !values['no-build']) await ensureBuilt()

const cells = new Cells(values.only)
if (whole) {
  const matrix = { securities: ['noise', 'tls', 'plaintext'], muxers: ['yamux', 'mplex'], killAll: values['kill-all'] }
  const directions = [{ dialer: values.impl, listener: 'js' }]
  if (values.impl !== 'js') directions.push({ dialer: 'js', listener: values.impl })
  for (const scenario of [pairs, earlyMuxers, identities, pnet]) {
    for (const direction of directions) await scenario(cells, { ...direction, ...matrix })
  }
  await inProcess(cells, { impl: values.impl, only: values.only })
}
for (const [i, name] of names.entries()) {
  const peer = await preparing[i].catch(error => {
    cells.add({ group: name, name: 'build', ok: false, ms: 0, error: error.message })
  })
  if (peer !== undefined) await foreign(cells, peer)
}
if (kadBinary !== undefined) await kadNetwork(cells, kadBinary)
if (commands !== undefined) await legacy(cells, commands)

const { passed, failed } = summary(cells.results)
const seconds = Math.round((Date.now() - started) / 1000)
writeResults(whole ? 'interop.json' : `${positionals.join('-')}.json`, {
  node: process.version,
  cpus: os.cpus().length,
  seconds,
  passed,
  failed,
  cells: cells.results
})
process.stdout.write(`${table(cells.results)}\n${seconds} s\n${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
