/** Parameters of the handshake that the specification says something of, from peers that are not weft's. */
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { SecuredConnection } from '@libp2p/interface'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../src/certificate.ts'
import { startTls } from '../src/handshake.ts'
import { tls } from '../src/index.ts'
import { StreamDuplex } from '../src/stream-duplex.ts'

const [ownKey, foreignKey] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]

async function contextOf(): Promise<SecureContext> {
  return createSecureContext({ ...(await makeCertificate(foreignKey)), minVersion: 'TLSv1.3' })
}

/** A client with such options meets a listener of weft's. */
async function dialed(options: object): Promise<{ socket: TLSSocket; secured: Promise<SecuredConnection> }> {
  const [near, far] = messageStreamPair()
  const secureContext = await contextOf()
  const socket = connect({ socket: new StreamDuplex(far), secureContext, rejectUnauthorized: false, ...options })
  socket.on('error', () => {})
  socket.on('close', () => far.abort(new Error('the client has gone')))
  return { socket, secured: tls()({ privateKey: ownKey }).secureInbound(near) }
}

describe('the name of a server', () => {
  it('is not sent', async () => {
    const [near, far] = messageStreamPair()
    const server = startTls(new StreamDuplex(far), { isServer: true, context: await contextOf(), alpn: ['libp2p'] })
    server.on('error', () => {})
    const remotePeer = peerIdFromPrivateKey(foreignKey)
    const { connection } = await tls()({ privateKey: ownKey }).secureOutbound(near, { remotePeer })
    expect(Reflect.get(server, 'servername')).toBeFalsy()
    connection.abort(new Error('done'))
  })

  it('is ignored', async () => {
    const { secured } = await dialed({ servername: 'example.org', ALPNProtocols: ['libp2p'] })
    const { connection, remotePeer } = await secured
    expect(remotePeer.equals(peerIdFromPrivateKey(foreignKey))).toBe(true)
    connection.abort(new Error('done'))
  })
})

describe('protocols of ALPN', () => {
  it('are refused where all of them are foreign', async () => {
    const { secured } = await dialed({ ALPNProtocols: ['h2', 'http/1.1'] })
    await expect(secured).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('may be foreign beside libp2p’s', async () => {
    const { socket, secured } = await dialed({ ALPNProtocols: ['h2', 'libp2p'] })
    const { connection, streamMuxer } = await secured
    expect([socket.alpnProtocol, streamMuxer]).toEqual(['libp2p', undefined])
    connection.abort(new Error('done'))
  })

  it('need not be there: the muxer is agreed on behind the handshake', async () => {
    const { secured } = await dialed({})
    const { connection, streamMuxer } = await secured
    expect(streamMuxer).toBe(undefined)
    connection.abort(new Error('done'))
  })
})
