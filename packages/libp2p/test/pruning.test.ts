/** Which connections go when there are too many, over the memory transport. */
import type { Connection, Libp2p } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import type { Components, ConnectionManagerInit } from '../src/index.ts'
import { makeNode } from './nodes.ts'

// No ping opens a stream during a test.
const quiet = { connectionMonitor: { pingInterval: 60_000 } }

async function node(connectionManager: ConnectionManagerInit): Promise<Libp2p> {
  return (await makeNode({ connectionManager, ...quiet })) as unknown as Libp2p
}

function managerOf(of: Libp2p): Components['connectionManager'] {
  return (of as unknown as { components: Components }).components.connectionManager
}

function pruned(of: Libp2p): Promise<Connection[]> {
  return new Promise(resolve => {
    of.addEventListener('connection:prune', ({ detail }) => resolve(detail), { once: true })
  })
}

/** Dials that many new nodes, one after another. */
async function dialNew(from: Libp2p, count: number): Promise<Libp2p[]> {
  const dialed: Libp2p[] = []
  for (let i = 0; i < count; i++) {
    const other = await node({})
    const identified = new Promise(resolve => from.addEventListener('peer:identify', resolve, { once: true }))
    await from.dial(other.getMultiaddrs())
    // Until then the streams of identify make it look busy.
    await identified
    dialed.push(other)
  }
  return dialed
}

describe('watermarks', () => {
  it('close the least wanted past the high one, until the low one is left', async () => {
    const local = await node({ highWater: 4, lowWater: 2, gracePeriod: 0 })
    const [first, second, third] = await dialNew(local, 4)
    await local.peerStore.merge(first!.peerId, { tags: { valued: { value: 5 } } })
    await local.peerStore.merge(third!.peerId, { tags: { 'keep-alive-test': { value: 0 } } })
    managerOf(local).protect!(second!.peerId, 'test')
    const gone = pruned(local)
    // It is the newest: it may be gone as soon as it is there.
    const newest = await node({})
    await local.dial(newest.getMultiaddrs()).catch(() => {})
    expect(await gone).toHaveLength(3)
    const left = local.getPeers().map(String)
    // Tags have a value; protected peers and those to be kept are not touched.
    expect(left.sort()).toEqual([second, third].map(peer => peer!.peerId.toString()).sort())
  })

  it('spare new connections, and wait in silence after a pruning', async () => {
    const young = await node({ highWater: 1, lowWater: 0, gracePeriod: 60_000 })
    await dialNew(young, 3)
    const silent = await node({ highWater: 1, lowWater: 0, gracePeriod: 0, silencePeriod: 60_000 })
    await dialNew(silent, 1)
    const gone = pruned(silent)
    const newest = await node({})
    await silent.dial(newest.getMultiaddrs()).catch(() => {})
    await gone
    await dialNew(silent, 2)
    expect([young.getConnections().length, silent.getConnections().length]).toEqual([3, 2])
  })

  it('are off by default, when the limit alone prunes', async () => {
    const local = await node({ maxConnections: 2 })
    const gone = pruned(local)
    const [first, second] = await dialNew(local, 2)
    const newest = await node({})
    await local.dial(newest.getMultiaddrs()).catch(() => {})
    expect((await gone).map(({ remotePeer }) => remotePeer.toString())).not.toContain(first!.peerId.toString())
    expect(local.getConnections()).toHaveLength(2)
    const manager = managerOf(local)
    for (const tag of ['a', 'b']) manager.protect!(first!.peerId, tag)
    expect([manager.unprotect!(first!.peerId, 'a'), manager.isProtected!(first!.peerId)]).toEqual([true, true])
    expect([manager.isProtected!(first!.peerId, 'a'), manager.isProtected!(second!.peerId)]).toEqual([false, false])
    const more = pruned(local)
    manager.setMaxConnections(1)
    await more
    expect(local.getPeers().map(String)).toEqual([first!.peerId.toString()])
    expect(manager.unprotect!(first!.peerId, 'b')).toBe(false)
  })

  it.each([
    ['highWater', { highWater: 10 }],
    ['highWater', { lowWater: 10 }],
    ['highWater', { highWater: 10, lowWater: 11 }],
    ['highWater', { highWater: 10, lowWater: 5, maxConnections: 9 }],
    ['gracePeriod', { gracePeriod: -1 }]
  ])('name %s where it cannot be', async (option, init) => {
    await expect(node(init)).rejects.toMatchObject({
      name: 'InvalidParametersError',
      option: `connectionManager.${option}`
    })
  })
})
