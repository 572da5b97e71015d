/** The name of a server (SNI) in TLS, as it is on the wire: sent to nobody, and ignored (libp2p TLS specification, handshake). */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { concat, fromUtf8 } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { makeCertificate, tls } from '@weft/tls'
import { expect, it, onTestFinished } from 'vitest'
import { line, proposal } from '../../../wirekit/multistream.mjs'
import { eventually, portOf, type TestNode, tcpNode } from './tcp-nodes.ts'

const serverName = 0
const alpn = 16

async function node(): Promise<TestNode> {
  const made = await tcpNode({ connectionEncrypters: [tls()] })
  onTestFinished(() => made.stop())
  return made
}

/** The extensions of the first message of a client, by their type (RFC 8446, section 4.1.2). */
function extensionsOf(record: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  expect([record[0], record[5]]).toEqual([22, 1])
  // Header of the record and of the message, version and random.
  let at = 5 + 4 + 2 + 32
  at += 1 + view.getUint8(at)
  at += 2 + view.getUint16(at)
  at += 1 + view.getUint8(at)
  const end = at + 2 + view.getUint16(at)
  const found = new Map<number, Uint8Array>()
  for (at += 2; at < end; ) {
    const length = view.getUint16(at + 2)
    found.set(view.getUint16(at), record.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

it('is not sent, also where a name was dialed', async () => {
  const answered = concat([line('/multistream/1.0.0'), line('/tls/1.0.0')])
  let received: Uint8Array = new Uint8Array(0)
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.write(answered)
    socket.on('data', chunk => {
      received = concat([received, chunk])
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const dialer = await node()
  const ended = new AbortController()
  const dialed = dialer
    .dial(multiaddr(`/dns4/localhost/tcp/${port}/p2p/${peer.toString()}`), { signal: ended.signal })
    .catch(error => error)
  // The hello of the client comes behind both lines.
  const hello = (): Uint8Array => received.subarray(answered.byteLength)
  await eventually(() => {
    expect(hello().byteLength).toBeGreaterThan(5)
    expect(hello().byteLength).toBeGreaterThanOrEqual(5 + new DataView(hello().slice().buffer).getUint16(3))
  })
  ended.abort()
  await dialed
  const extensions = extensionsOf(hello())
  expect(extensions.has(serverName)).toBe(false)
  expect(Buffer.from(extensions.get(alpn)!).includes('libp2p')).toBe(true)
})

it('is ignored where a dialer sends one', async () => {
  const listener = await node()
  const key = await generateKeyPair('Ed25519')
  const secureContext = createSecureContext({ ...(await makeCertificate(key)), minVersion: 'TLSv1.3' })
  const socket = connect({ port: portOf(listener), host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  const agreed = concat([proposal('/tls/1.0.0')])
  socket.write(agreed)
  for (let read = 0; read < agreed.byteLength; ) {
    const chunk: Uint8Array | null = socket.read(Math.min(agreed.byteLength - read, socket.readableLength || 1))
    if (chunk === null) await once(socket, 'readable')
    else read += chunk.byteLength
  }
  const secured = connectTls({
    ...{ socket, secureContext, rejectUnauthorized: false, servername: 'example.org' },
    ALPNProtocols: ['/yamux/1.0.0', 'libp2p']
  })
  secured.on('error', () => {})
  await once(secured, 'secureConnect')
  await eventually(() => expect(listener.getConnections().map(String)).toHaveLength(1))
  const [connection] = listener.getConnections()
  expect(connection!.remotePeer.equals(peerIdFromPrivateKey(key))).toBe(true)
  expect([connection!.encryption, connection!.multiplexer]).toEqual(['/tls/1.0.0', '/yamux/1.0.0'])
  expect(fromUtf8(String(secured.alpnProtocol))).toEqual(fromUtf8('/yamux/1.0.0'))
})
