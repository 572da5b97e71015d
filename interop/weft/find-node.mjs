// One question to the Kademlia DHT of a foreign peer, by its bytes alone: where is that peer itself?
import { encodeLengthPrefixed, LengthPrefixedReader } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { bytes, enumeration, field, implicit, message, repeated } from '@weft/protobuf'
import { receive, sendAll } from '../lib/streams.mjs'

/** Not that of the public DHT: go-peer serves one of its own. */
const PROTOCOL = '/interop/kad/1.0.0'
const FIND_NODE = 4
const MOST_BYTES = 65_536

// specs/kad-dht, "RPC messages"; what has to do with records and providers is not asked for
const peer = message({
  id: field(1, bytes({ maxLength: 64 })),
  addrs: field(2, repeated(bytes({ maxLength: 1024 }), 64)),
  connection: field(3, implicit(enumeration()))
})
const rpc = message({
  type: field(1, implicit(enumeration())),
  key: field(2, bytes({ maxLength: 64 })),
  closerPeers: field(8, repeated(peer, 32))
})

/** Resolves with `{ type, closerPeers: [{ id, addrs }] }`, all as text but the type. */
export async function findNode(connection) {
  const key = connection.remotePeer.toMultihash().bytes
  const stream = await connection.newStream(PROTOCOL)
  const reader = new LengthPrefixedReader(MOST_BYTES)
  const ended = receive(stream, piece => reader.push(piece))
  await sendAll(stream, [encodeLengthPrefixed(rpc.encode({ type: FIND_NODE, key, closerPeers: [] }))])
  await stream.close()
  await ended
  const answer = reader.next()
  if (answer === undefined || reader.byteLength > 0) throw new Error('the answer is not one message')
  const { type, closerPeers } = rpc.decode(answer)
  return { type, closerPeers: closerPeers.map(textOf) }
}

function textOf({ id, addrs }) {
  return { id: peerIdFromMultihashBytes(id).toString(), addrs: addrs.map(addr => multiaddr(addr).toString()) }
}
