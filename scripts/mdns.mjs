// `npm run test:mdns`: multicast DNS between processes on two machines, which are network namespaces (netns.sh). Nothing leaves
// them. Weft with itself, js-libp2p and go-libp2p; `-- --no-build` takes what is compiled. Where no namespace can be made it says so
// and passes; for root, who always can, that is a failure.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { assert } from '../interop/lib/node.mjs'
import { Cells, summary, table } from '../interop/lib/cells.mjs'
import { foreignPeers } from '../interop/lib/foreign.mjs'
import { installJsLibp2p, newNode, root, writeResults } from '../interop/lib/setup.mjs'
import { Peer } from '../interop/lib/spawn.mjs'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

const second = process.env['WEFT_SECOND_MACHINE']
if (second === undefined) await inNamespaces()

// What the issue of the network allows, and the time that a busy machine needs besides: the limit is for hangs, the outcome is
// held against the time that the peers themselves have measured.
const limitMs = 60_000
const program = name => path.join(root, 'interop/mdns', `${name}.mjs`)

const cells = new Cells()
for (const [group, machines] of [
  ['weft, two machines', ['first', 'second']],
  ['weft, one machine', ['first', 'first']]
]) {
  await cells.run(group, 'find each other', limitMs, () =>
    withPeers([weft(machines[0]), weft(machines[1])], async ([a, b], [idOfA, idOfB]) => {
      const [ofA, ofB] = await timed(2000, () => Promise.all([a.call('found', idOfB), b.call('found', idOfA)]))
      for (const { multiaddrs } of [ofA, ofB]) {
        assert(
          multiaddrs.some(address => address.startsWith('/ip4/10.9.0.')),
          `${multiaddrs}: no IPv4 of the cable`
        )
        assert(
          multiaddrs.some(address => address.startsWith('/ip6/fd00:9:')),
          `${multiaddrs}: no IPv6 of the cable`
        )
        const foreign = multiaddrs.find(address => !/^\/(?:ip4\/10\.9\.0\.|ip6\/fd00:9:)/.test(address))
        assert(foreign === undefined, `${foreign} is not of the cable`)
      }
    })
  )
}

await cells.run('weft, three nodes, no DHT', 'dial, provider, record', limitMs, () =>
  withPeers(
    [weft('first'), weft('second'), weft('first')],
    async ([near, far, other], [, idOfFar, idOfOther]) => {
      await near.call('dial', idOfFar)
      await near.call('dial', idOfOther)
      await far.call('provide', { text: 'content' })
      await far.call('put', { key: '/note/today', text: 'hello' })
      const providers = await timed(1000, () => near.call('providers', { text: 'content' }))
      assert(providers.join() === idOfFar.peer, `provided by ${providers}`)
      const record = await timed(1000, () => other.call('get', { key: '/note/today' }))
      assert(record === 'hello', `the record is ${record}`)
      const nobody = await timed(1000, () => near.call('providers', { text: 'nothing' }))
      assert(nobody.length === 0, `provided by ${nobody}`)
      const missing = await timed(1000, () => near.call('get', { key: '/note/never' }).catch(error => error.name))
      assert(missing === 'NotFoundError', `got ${missing}`)
    },
    { discovery: false }
  )
)

await cells.run('weft, strangers', 'not found', limitMs, () =>
  withPeers(
    [
      weft('first'),
      weft('second', { serviceTag: '_other._udp.local' }),
      weft('first', { network: 'a' }),
      weft('second', { network: 'b' })
    ],
    async peers => {
      // A fifth, which all others would find by now if they found anybody.
      await withPeers([weft('second')], async (_, [idOfFifth]) => {
        await peers[0].call('found', idOfFifth)
        const found = await Promise.all(peers.map(peer => peer.call('all')))
        assert(found.flat().join() === idOfFifth.peer, `found ${found.flat().join()}`)
      })
    }
  )
)

await cells.run('weft and js-libp2p', 'find each other', limitMs, () =>
  withPeers([weft('first'), js('second')], ([a, b], [idOfA, idOfB]) =>
    timed(5000, () => Promise.all([a.call('found', idOfB), b.call('found', idOfA)]))
  )
)

// Told by who has made the namespaces, where there is a Go toolchain.
const goPeer = process.env['WEFT_GO_PEER']
if (goPeer !== undefined) {
  await cells.run('weft and go-libp2p', 'find each other', limitMs, () =>
    withPeers([weft('first'), go('second', goPeer)], ([a, b], [idOfA, idOfB]) =>
      timed(5000, () => Promise.all([a.call('found', idOfB), b.call('found', idOfA)]))
    )
  )
}

const { passed, failed } = summary(cells.results)
writeResults('mdns.json', { passed, failed, cells: cells.results })
process.stdout.write(`${table(cells.results)}\n${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)

async function inNamespaces() {
  await ensureInstalled()
  installJsLibp2p()
  if (!process.argv.includes('--no-build')) await ensureBuilt()
  const [goPeer] = (await foreignPeers.go.prepare()) ?? []
  const env = { ...process.env, ...(goPeer && { WEFT_GO_PEER: goPeer }) }
  const script = path.join(root, 'scripts/netns.sh')
  const args = [process.execPath, path.join(root, 'scripts/mdns.mjs')]
  const { status } = spawnSync(script, args, { stdio: 'inherit', env })
  if (status !== 77) process.exit(status ?? 1)
  console.log('mDNS was not tested: no network namespace can be made here')
  process.exit(process.getuid?.() === 0 ? 1 : 0)
}

function weft(machine, options = {}) {
  return { name: 'weft', command: on(machine, [process.execPath, program('weft')]), options }
}

function js(machine) {
  return { name: 'js', command: on(machine, [newNode, program('js')]), options: {} }
}

function go(machine, program) {
  return { name: 'go', command: on(machine, [program, 'mdns']), options: {} }
}

function on(machine, command) {
  return machine === 'second' ? [...second.split(' '), ...command] : command
}

/** Starts peers, calls `body` with them and with their ids, and ends them. */
async function withPeers(peers, body, common = {}) {
  const running = peers.map(({ name, command }) => new Peer(name, command))
  try {
    const started = await Promise.all(running.map((peer, i) => peer.call('start', { ...common, ...peers[i].options })))
    await body(
      running,
      started.map(({ peerId }) => ({ peer: peerId }))
    )
    const unhandled = running.flatMap(peer => peer.unhandled)
    assert(unhandled.length === 0, unhandled.join('\n'))
  } finally {
    await Promise.all(running.map(peer => peer.kill()))
  }
}

/** Prints what an action took beside its figure, which is for a quiet machine; a busy one has five times as long. */
async function timed(figureMs, action) {
  const began = performance.now()
  const result = await action()
  const ms = Math.round(performance.now() - began)
  console.log(`  ${ms} ms, ${figureMs} on a quiet machine`)
  assert(ms <= 5 * figureMs, `it took ${ms} ms, ${figureMs} are the figure and five times that the bound`)
  return result
}
