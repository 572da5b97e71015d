// weft, js-libp2p, go-libp2p and rust-libp2p with themselves and with weft (docs/benchmarks.md). Options: --peers js,go,rust,
// --seconds 3 (of a transfer), --rounds 3, --dials 5 (a round), --write (docs/benchmarks.md and its chart), --no-build.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { conditionsOf, mean, percent } from '../benchmarks/conditions.mjs'
import { replaceBetween } from '../benchmarks/markdown.mjs'
import { othersShare, QUIET } from '../benchmarks/others.mjs'
import { svg } from '../benchmarks/peers/chart.mjs'
import { pingCommand } from '../benchmarks/peers/command.mjs'
import { firstPing, transferRate } from '../benchmarks/peers/measure.mjs'
import { keyOf, median, pairsOf, securities } from '../benchmarks/peers/plan.mjs'
import { markdown } from '../benchmarks/peers/table.mjs'
import { versionOf } from '../benchmarks/peers/versions.mjs'
import { progress } from '../benchmarks/progress.mjs'
import { foreignPeers, weft } from '../interop/lib/foreign.mjs'
import { installJsLibp2p, newNode, root, writeResults } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values: options } = parseArgs({
  options: {
    peers: { type: 'string', default: 'js,go,rust' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    dials: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false }
  }
})
const [seconds, rounds, dials] = [options.seconds, options.rounds, options.dials].map(Number)

await ensureInstalled()
installJsLibp2p()
if (!options['no-build']) await ensureBuilt()

// Both run on the same Node.
const peers = { weft: { name: 'weft', command: [newNode, ...weft.command.slice(1)] } }
for (const name of options.peers.split(',')) {
  const command = await foreignPeers[name].prepare()
  if (command !== undefined) peers[name] = { name, command }
}

const pairs = pairsOf(Object.keys(peers))
const values = {}
const shares = []
let failed = 0
for (let round = 1; round <= rounds; round++) {
  for (const security of securities) {
    for (const pair of pairs) await measurePair(pair, security, round)
  }
}
progress('weft ping')
const command = await pingCommand(newNode, rounds * dials)
progress()

const versions = Object.fromEntries(Object.keys(peers).map(name => [name, versionOf(name)]))
const titles = Object.fromEntries(Object.entries(versions).map(([name, { title }]) => [name, title]))
const medians = Object.fromEntries(Object.entries(values).map(([key, list]) => [key, median(list)]))
const conditions = conditionsOf({
  runtimes: Object.values(versions).map(({ runtime }) => runtime),
  how: `Medians of ${rounds} rounds, transfers of ${seconds} s or more, ${dials} dials a round.`,
  shares
})
const run = { pairs, titles, medians, conditions, command }
process.stdout.write(`${markdown(run)}\n`)
writeResults('bench-peers.json', { ...run, versions, values, shares })
if (options.write) write()
process.exitCode ||= failed === 0 ? 0 : 1

async function measurePair([from, to], security, round) {
  const [client, server] = [peers[from], peers[to]]
  progress(`round ${round}: ${from} > ${to} ${security}`)
  shares.push(await othersShare())
  const keep = (figure, value) => (values[keyOf(from, to, security, figure)] ??= []).push(value)
  try {
    for (const direction of ['upload', 'download']) {
      keep(direction, await transferRate(client, server, security, direction, seconds))
    }
    for (const [figure, value] of Object.entries(await firstPing(client, server, security, dials))) keep(figure, value)
  } catch (error) {
    failed++
    progress()
    process.stdout.write(`failed: ${from} > ${to} ${security}: ${error.message}\n`)
  }
}

function write() {
  const share = mean(shares)
  if (failed > 0 || share > QUIET) {
    process.stdout.write(
      `not written: ${failed} failed, others used ${percent(share)}, at most ${percent(QUIET)} is quiet\n`
    )
    process.exitCode = 1
    return
  }
  const file = path.join(root, 'docs/benchmarks.md')
  const marks = ['<!-- the table: npm run bench:peers -- --write -->', '<!-- the end of the table -->']
  writeFileSync(file, replaceBetween(readFileSync(file, 'utf8'), marks, markdown(run)))
  writeFileSync(path.join(root, 'docs/benchmarks-peers.svg'), svg(run))
}
