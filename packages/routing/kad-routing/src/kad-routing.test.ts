import { fromHex } from '@weft/bytes'
import { settled } from '@weft/interface-connection/compliance'
import { protocolSuite } from '@weft/interface-protocol/compliance'
import { multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { componentsOn, connectionFrom, loneNode } from '../test/lone-node.ts'
import { Contact } from './contact.ts'
import { KAD_PROTOCOL, type KadRouting, kadRouting, kadRequest, messageTypes, passthroughMapper } from './index.ts'

const key = new Uint8Array(32).fill(7)
const peerId = peerIdFromMultihashBytes(
  fromHex('002408011220ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1')
)
const asked = new Contact(peerId, [multiaddr('/ip4/127.0.0.1/tcp/1')])

describe('kad-routing', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: [KAD_PROTOCOL],
      capabilities: ['@libp2p/kad-dht', '@libp2p/peer-routing', '@libp2p/content-routing'],
      create(node, { timeout }) {
        const { components } = componentsOn(node)
        const { registrar } = components
        // Tests take its methods away.
        components.registrar = {
          ...registrar,
          handle: (...args) => node.components.registrar.handle(...args),
          unhandle: protocol => node.components.registrar.unhandle(protocol)
        }
        const serve = kadRouting({
          clientMode: false,
          peerInfoMapper: passthroughMapper,
          ...(timeout !== undefined && { requestTimeout: timeout, streamTimeout: timeout })
        })(components)
        // The remote of the suite's streams is nobody.
        const handle = components.registrar.handle
        components.registrar.handle = (protocol, handler, options) =>
          handle(
            protocol,
            (stream, connection) => handler(stream, { ...connectionFrom(peerId), ...connection }),
            options
          )
        return serve
      },
      ask: (service, _node, options) =>
        (service as KadRouting).request(asked, kadRequest(messageTypes.FIND_NODE, key), options)
    }
  )
})

describe('mode', () => {
  it('is that of a client until an address is public, and again when it is gone', async () => {
    const { service, node, own, events } = await loneNode({ clientMode: undefined as never })
    const changed = async (...addresses: string[]): Promise<string> => {
      own.addresses = addresses.map(address => multiaddr(address))
      events.safeDispatchEvent('self:peer:update' as never)
      await settled()
      return `${service.getMode()} ${[...node.handlers.keys()].join()}`
    }
    expect(await changed('/ip4/192.168.1.2/tcp/1')).toBe('client ')
    expect(await changed('/ip4/8.8.8.8/tcp/1')).toBe(`server ${KAD_PROTOCOL}`)
    const relay = '/ip4/8.8.8.8/tcp/1/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit'
    expect(await changed(relay)).toBe('client ')
    await service.setMode('server')
    expect(await changed(relay)).toBe(`server ${KAD_PROTOCOL}`)
    await service.stop()
    expect(node.handlers.size).toBe(0)
  })
})
