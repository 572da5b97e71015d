/** Peers that are tagged to be kept, over the memory transport. */
import type { Libp2p, Libp2pEvents, PeerId } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import type { ConnectionManagerInit } from '../src/index.ts'
import { makeNode } from './nodes.ts'

async function node(connectionManager: ConnectionManagerInit = {}): Promise<Libp2p> {
  return (await makeNode({ connectionManager })) as unknown as Libp2p
}

function next<K extends 'peer:connect' | 'peer:disconnect' | 'peer:reconnect-failure'>(
  of: Libp2p,
  event: K
): Promise<Libp2pEvents[K]['detail']> {
  return new Promise(resolve => of.addEventListener(event, ({ detail }) => resolve(detail), { once: true }))
}

async function tag(of: Libp2p, peer: PeerId, name = 'keep-alive-test'): Promise<void> {
  await of.peerStore.merge(peer, { tags: { [name]: { value: 1 } } })
}

/** Resolves when both know it. */
async function connect(local: Libp2p, remote: Libp2p): Promise<void> {
  await Promise.all([next(remote, 'peer:connect'), local.dial(remote.getMultiaddrs())])
}

/** Two nodes that are connected, of which the first knows how to reach the second. */
async function connected(connectionManager?: ConnectionManagerInit): Promise<[Libp2p, Libp2p]> {
  const [local, remote] = [await node(connectionManager), await node()]
  await local.peerStore.merge(remote.peerId, { multiaddrs: remote.getMultiaddrs() })
  await connect(local, remote)
  return [local, remote]
}

describe('a lost peer', () => {
  it('is dialed again if it is tagged to be kept', async () => {
    const [local, remote] = await connected()
    await tag(local, remote.peerId)
    const back = next(local, 'peer:connect')
    await remote.hangUp(local.peerId)
    expect((await back).toString()).toBe(remote.peerId.toString())
    expect(local.getConnections(remote.peerId)).toHaveLength(1)
  })

  it('is not without that tag', async () => {
    const [local, remote] = await connected()
    const kept = await node()
    await connect(local, kept)
    await tag(local, remote.peerId, 'other')
    await tag(local, kept.peerId)
    const lost = next(local, 'peer:disconnect')
    await remote.hangUp(local.peerId)
    await lost
    // Lost later, and back: the other would have been before.
    const back = next(local, 'peer:connect')
    await kept.hangUp(local.peerId)
    await back
    expect(local.getConnections(remote.peerId)).toEqual([])
    expect(local.getDialQueue().filter(({ peerId }) => remote.peerId.equals(peerId))).toEqual([])
  })

  it('is given up after the last attempt, and loses the tag', async () => {
    const [local, remote] = await connected({ reconnectRetries: 2, reconnectRetryInterval: 5 })
    await tag(local, remote.peerId)
    await tag(local, remote.peerId, 'other')
    const failed = next(local, 'peer:reconnect-failure')
    await remote.stop()
    expect((await failed).toString()).toBe(remote.peerId.toString())
    expect([...(await local.peerStore.get(remote.peerId)).tags.keys()]).toEqual(['other'])
  })

  it('is found when it is back, although its address has failed before', async () => {
    const [local, remote] = await connected({ reconnectRetries: Infinity, reconnectRetryInterval: 20 })
    await tag(local, remote.peerId)
    const lost = next(local, 'peer:disconnect')
    await remote.stop()
    await lost
    const back = next(local, 'peer:connect')
    await remote.start()
    expect((await back).toString()).toBe(remote.peerId.toString())
  })

  it('is left alone when the node stops, and dialed when it starts', async () => {
    const [local, remote] = await connected()
    await tag(local, remote.peerId)
    await local.stop()
    expect(local.getConnections()).toEqual([])
    const back = next(local, 'peer:connect')
    await local.start()
    expect((await back).toString()).toBe(remote.peerId.toString())
  })

  it('keeps its tag if it was never reached since the node started', async () => {
    const [local, remote] = await connected({ reconnectRetries: 0 })
    const other = await node()
    await tag(local, remote.peerId)
    await local.stop()
    await remote.stop()
    await local.start()
    // Behind it in the queue.
    await local.dial(other.getMultiaddrs())
    expect([...(await local.peerStore.get(remote.peerId)).tags.keys()]).toEqual(['keep-alive-test'])
  })
})
