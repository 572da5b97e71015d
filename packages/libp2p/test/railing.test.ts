import { railing } from '@weft/railing'
import { expect, it } from 'vitest'
import { makeNode } from './nodes.ts'

it('a node reaches a bootstrap peer that comes up late, and again when it has lost it', async () => {
  const late = await makeNode({ start: false, addresses: { listen: ['/memory/late-bootstrap'] } })
  const address = `/memory/late-bootstrap/p2p/${late.peerId.toString()}`
  const node = await makeNode({
    peerDiscovery: [railing({ list: [address], timeout: 1, minInterval: 5, maxInterval: 10 })]
  })
  const discovered = new Promise(resolve => node.addEventListener('peer:discovery', resolve, { once: true }))
  const connected = (): Promise<unknown> =>
    new Promise(resolve => node.addEventListener('peer:connect', resolve, { once: true }))
  await discovered
  expect(node.getConnections(late.peerId)).toEqual([])
  const first = connected()
  await late.start()
  await first
  expect((await node.peerStore.get(late.peerId)).tags.get('bootstrap')).toMatchObject({ value: 50 })
  const second = connected()
  await node.hangUp(late.peerId)
  await second
})
