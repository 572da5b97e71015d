/** A listener that sends its multistream header before it is asked, as go-libp2p does. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Connection, ConnectionGater } from '@libp2p/interface'
import { concat, fromHex } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { plaintext } from '@weft/plaintext'
import { yamux } from '@weft/yamux'
import { afterEach, expect, it } from 'vitest'
import { PING as yamuxPing } from '../../../wirekit/yamux.mjs'
import { RawPeer } from './raw-peer.ts'
import { eventually, type TestNode, tcpNode, uncaught } from './tcp-nodes.ts'

uncaught()

// What go-libp2p 0.51 sends, its key that of a seed of zeros.
const go = {
  // "/multistream/1.0.0", sent when the connection is accepted and again after the exchange
  header: fromHex('132f6d756c746973747265616d2f312e302e300a'),
  // "/plaintext/2.0.0"
  security: fromHex('112f706c61696e746578742f322e302e300a'),
  // 78 bytes: field 1, the id, an identity hash (00 24) of the key; field 2, the key: type Ed25519 (08 01), 32 bytes (12 20)
  exchange: fromHex(
    '4e' +
      '0a260024080112203b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29' +
      '1224080112203b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29'
  ),
  // "/yamux/1.0.0"
  muxer: fromHex('0d2f79616d75782f312e302e300a'),
  // a ping: version 0, type 2, SYN, stream 0, value 0
  ping: fromHex('000200010000000000000000')
}

const goId = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

const nodes: TestNode[] = []
const servers: Server[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
  for (const server of servers.splice(0)) server.close()
})

/** A node with one of each, which proposes without waiting, and its connection to a socket that the test answers on. */
async function dial(gater: ConnectionGater = {}): Promise<{ peer: RawPeer; dialed: Promise<Connection> }> {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const node = await tcpNode({
    connectionEncrypters: [plaintext()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false, ...gater }
  })
  nodes.push(node)
  const accepted = once(server, 'connection')
  const dialed = node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${goId}`))
  return { peer: new RawPeer((await accepted)[0] as Socket), dialed }
}

/** Answers up to the muxer, and waits until the node has answered to a ping. */
async function answer(peer: RawPeer): Promise<void> {
  // The node's header, its proposal and its exchange.
  for (let i = 0; i < 3; i++) await peer.takeMessage()
  peer.send(concat([go.security, go.exchange, go.header]))
  for (let i = 0; i < 2; i++) await peer.takeMessage()
  peer.send(concat([go.muxer, go.ping]))
  await eventually(() => expect(peer.frames()).toContainEqual(expect.objectContaining({ type: yamuxPing, flags: 2 })))
}

it('reads a header that comes with the exchange of plaintext', async () => {
  const { peer, dialed } = await dial()
  peer.send(go.header)
  await answer(peer)
  expect(await dialed).toMatchObject({ status: 'open', multiplexer: '/yamux/1.0.0' })
  peer.socket.destroy()
})

it('reads a header that comes while a gater still decides', async () => {
  const { peer, dialed } = await dial({
    async denyOutboundConnection(_peer, connection) {
      await eventually(() => expect(connection.readBufferLength).toBe(go.header.byteLength))
      return false
    }
  })
  peer.send(go.header)
  await answer(peer)
  expect((await dialed).status).toBe('open')
  peer.socket.destroy()
})
