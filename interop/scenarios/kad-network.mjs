// One network of weft, go-libp2p-kad-dht and js-libp2p's kad-dht: each provides and finds, in every pairing.
import path from 'node:path'
import { DrivenPeer } from '../lib/driven-peer.mjs'
import { assert } from '../lib/node.mjs'
import { newNode, root, run } from '../lib/setup.mjs'

const PREFIX = '/interop'
const PROTOCOL = `${PREFIX}/kad/1.0.0`
const LIMIT_MS = 40_000
/** Within which go-libp2p's peer must hear of another mode. */
const MODE_MS = 2000

const at = file => path.join(root, 'interop', file)

/** Builds the Go program; resolves with how it is run. */
export function prepareKadNetwork() {
  const binary = path.join(root, '.weft/interop/kad-go')
  run('go', ['build', '-o', binary, '.'], at('kad-go'))
  return binary
}

export async function kadNetwork(cells, goBinary) {
  const group = 'kad network'
  const weft = name => new DrivenPeer(name, process.execPath, [at('weft/kad-peer.mjs'), PROTOCOL])
  const peers = [
    weft('weft'),
    weft('weft 2'),
    new DrivenPeer('go', goBinary, ['-prefix', PREFIX]),
    new DrivenPeer('js', newNode, [at('js-libp2p/kad-peer.mjs'), PROTOCOL])
  ]
  try {
    const started = await cells.run(group, 'start', 90_000, async () => {
      const infos = await Promise.all(peers.map(peer => peer.ready))
      for (const [i, peer] of peers.entries()) {
        peer.id = infos[i].id
        const [address] = infos[i].addrs
        peer.address = address.includes('/p2p/') ? address : `${address}/p2p/${peer.id}`
      }
      // In a ring with chords, so that all are known by somebody and nobody knows all.
      for (const [i, peer] of peers.entries()) await peer.command(`connect ${peers[(i + 1) % peers.length].address}`)
      for (const peer of peers) await until(async () => (await peer.command('rt')).size >= 2, `${peer.name}: a table`)
    })
    if (!started) return
    for (const one of peers) {
      for (const other of peers) {
        if (one === other || !`${one.name}${other.name}`.includes('weft')) continue
        const pair = `${one.name} > ${other.name}`
        const content = `of ${one.name} for ${other.name}`.replaceAll(' ', '-')
        await cells.run(group, `${pair}: provide and find`, LIMIT_MS, async () => {
          await one.command(`provide ${content}`)
          const found = JSON.stringify(await other.command(`findprovs ${content}`))
          assert(found.includes(one.id), `found ${found}`)
        })
        await cells.run(group, `${pair}: find peer`, LIMIT_MS, async () => {
          const found = JSON.stringify(await one.command(`findpeer ${other.id}`))
          assert(found.includes('/tcp/'), `found ${found}`)
        })
        await cells.run(group, `${pair}: closest`, LIMIT_MS, async () => {
          const found = JSON.stringify(await one.command(`closest ${other.id}`))
          const others = peers.filter(peer => peer !== one)
          assert(
            others.every(({ id }) => found.includes(id)),
            `found ${found}`
          )
        })
      }
    }
    const [first, , go] = peers
    await cells.run(group, `weft's mode is seen by go within ${MODE_MS} ms`, LIMIT_MS, async () => {
      for (const [mode, change] of [
        ['client', 'removed'],
        ['server', 'added']
      ]) {
        const seen = go.event(({ event, peer, [change]: names }) => {
          return event === 'protocols' && peer === first.id && names?.includes(PROTOCOL)
        })
        const began = performance.now()
        await first.command(`mode ${mode}`)
        await seen
        const took = Math.round(performance.now() - began)
        assert(took <= MODE_MS, `${mode}: after ${took} ms`)
      }
    })
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
  }
}

async function until(condition, what) {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`${what} did not come`)
}
