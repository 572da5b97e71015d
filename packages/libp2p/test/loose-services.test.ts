// What a service has under the symbols of discovery and routing is taken as js-libp2p takes it.
import { fromUtf8 } from '@weft/bytes'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { contentRoutingSymbol, peerRoutingSymbol } from '@weft/interface-peer-routing'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { expect, it } from 'vitest'
import { makeNode } from './nodes.ts'

it.each([
  ['objects with nothing in them', {}],
  ['a service that lacks the methods', { findPeer: 'none', addEventListener: true, start() {} }],
  ['true', true]
])('a service may offer %s as its discovery and its routing', async (_what, offered) => {
  const service = { [peerDiscoverySymbol]: offered, [contentRoutingSymbol]: offered, [peerRoutingSymbol]: offered }
  const node = await makeNode({ services: { loose: () => service } as never })
  const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  await expect(node.peerRouting.findPeer(other)).rejects.toMatchObject({ name: 'NotFoundError' })
  const closest = async (): Promise<void> => {
    for await (const peer of node.peerRouting.getClosestPeers(fromUtf8('x'))) expect(peer).toBeUndefined()
  }
  await closest()
})

it('a configured discovery that tells of nothing is refused by its option', async () => {
  await expect(makeNode({ peerDiscovery: [() => ({}) as never] })).rejects.toMatchObject({
    name: 'InvalidParametersError',
    option: 'peerDiscovery[0]'
  })
})
