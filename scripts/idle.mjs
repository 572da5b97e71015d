// Idle connections (floods/README.md): `npm run test:idle`, or a short look: `-- --connections 2000 --seconds 60`.
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { Checks } from '../floods/lib/checks.mjs'
import { Child, killAll, stopAll } from '../floods/lib/child.mjs'
import { rssOf } from '../floods/lib/sampler.mjs'
import { MIB, mib, sleep } from '../floods/lib/statistics.mjs'
import { installJsLibp2p, newNode } from '../interop/lib/setup.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '600' },
    flags: { type: 'string', default: '--max-semi-space-size=2 --max-old-space-size=256' },
    'no-build': { type: 'boolean', default: false }
  }
})
const total = Number(values.connections)
const seconds = Number(values.seconds)
/** 400 MiB with 10,000 connections; 160 MiB of that is a node that has taken some, with its code and garbage. */
const limit = (160 + (240 * total) / 10_000) * MIB
const PROCESSES = 4
/** Ten thousand nodes and handshakes take minutes on a slow machine. */
const CONNECT_LIMIT_MS = 600_000
const WIDTH = 8
const SETTLE_S = 10

await ensureInstalled()
// Node 24 comes with it.
installJsLibp2p()
if (!values['no-build']) await ensureBuilt()
process.once('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

const checks = new Checks()
const start = (program, settings, flags = []) =>
  Child.start(undefined, `idle/${program}.mjs`, settings, { node: newNode, flags })
const flags = values.flags.split(' ').filter(flag => flag !== '')
const server = await start('server', { connections: total }, flags)
const { address } = await server.ask('ready')
const base = rssOf(server.pid)
const clients = await Promise.all(Array.from({ length: PROCESSES }, () => start('clients', { address })))
const began = performance.now()
const share = i => Math.floor((total * (i + 1)) / PROCESSES) - Math.floor((total * i) / PROCESSES)
await Promise.all(
  clients.map((client, i) => client.ask('connect', { count: share(i), width: WIDTH }, CONNECT_LIMIT_MS))
)
checks.note(`${total} connections within ${Math.round((performance.now() - began) / 1000)} s`)

let before = await server.ask('report')
// The server finishes the last handshakes after its dialers.
for (let i = 0; before.connections < total && i < SETTLE_S; i++) {
  await sleep(1000)
  before = await server.ask('report')
}
let peak = rssOf(server.pid)
for (const end = performance.now() + 1000 * seconds; performance.now() < end; await sleep(100)) {
  peak = Math.max(peak, rssOf(server.pid))
}
const after = await server.ask('report')
const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1e6
const { heapUsed } = await server.ask('memory')
const closed =
  after.disconnects +
  (await Promise.all(clients.map(client => client.ask('report')))).reduce(
    (sum, { disconnects }) => sum + disconnects,
    0
  )
checks.note(
  `RSS ${mib(base)} without connections; heap in use ${mib(heapUsed)}; ${((100 * cpu) / seconds).toFixed(0)} % CPU`
)
checks.check(
  `${total} connections are open`,
  before.connections === total && after.connections === total,
  after.connections
)
checks.check(
  `server RSS <= ${mib(limit)}`,
  peak <= limit,
  `${mib(peak)}, ${((peak - base) / total / 1000).toFixed(1)} KB a connection`
)
checks.check(`no disconnect within ${seconds} s`, closed === 0, closed)
checks.check('nothing uncaught', after.uncaught.length === 0, after.uncaught[0] ?? '0')
await stopAll()
const node = execFileSync(newNode, ['--version'], { encoding: 'utf8' }).trim()
process.exit(checks.finish('idle.json', { node, flags: values.flags, connections: total, seconds }))
