/** What remotes do in the handshake, honest and not. Each ends when the node has closed the connection or answered. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { concat, fromUtf8 } from '@weft/bytes'
import { generateKeyPair } from '@weft/peer-id'
import { encodePayload } from '../../../packages/crypto/noise/src/core/payload.ts'
import { Handshake } from '../../../packages/crypto/noise/src/core/handshake.ts'
import { defaultCrypto } from '../../../packages/crypto/noise/src/crypto.node.ts'
import { signIdentity } from '../../../packages/crypto/noise/src/identity.ts'
import { hostileCertificate } from '../../../packages/crypto/tls/test/hostile-certificate.ts'

export interface Attack {
  readonly name: string
  /** The name of what it is compared with. */
  readonly honest?: string
  /** OpenSSL does the work in the handshake itself, before Node shows a certificate: reported, and not held to the limit. */
  readonly inOpenSsl?: boolean
  readonly asDialer?: (port: number) => Promise<void>
  readonly asListener?: () => Promise<{ port: number; close(): Promise<void> }>
}

// Of the last two, Node has no option against the one (SSL_CTX_set_max_cert_list), and the other costs the remote as much.
const certificates = [
  ['honest', {}],
  ['550 names, 13 KiB', { names: 550 }],
  ['1,900 extensions, 15 KiB', { extensions: 1_900 }],
  ['5,000 alternative names, 15 KiB', { alternatives: 5_000 }],
  ['7,000 extensions, 55 KiB', { extensions: 7_000 }],
  ['RSA, 3,072 bits, an exponent as long', { rsaExponent: true }]
] as const

export async function attacks(): Promise<Attack[]> {
  const list: Attack[] = [{ name: 'Noise: a whole handshake', asDialer: await noiseAttack(true) }]
  const honest = { honest: 'Noise: a whole handshake' }
  list.push({ name: 'Noise: message A alone', ...honest, asDialer: messageA })
  list.push({ name: 'Noise: a wrong signature', ...honest, asDialer: await noiseAttack(false) })
  for (const role of ['dialer', 'listener'] as const) {
    for (const [what, amounts] of certificates) {
      // A new one for each handshake would be remembered less and cost the attacker more; these are all refused, or honest.
      const context = createSecureContext({ ...(await hostileCertificate(amounts)), minVersion: 'TLSv1.3' })
      const name = (kind: string): string => `TLS, the remote is the ${role}: ${kind}`
      const inOpenSsl = what.startsWith('7,000') || what.startsWith('RSA')
      const attack = role === 'dialer' ? { asDialer: tlsDialer(context) } : { asListener: tlsListener(context) }
      list.push({ name: name(what), ...(what !== 'honest' && { honest: name('honest') }), inOpenSsl, ...attack })
    }
  }
  return list
}

function line(protocol: string): Uint8Array {
  return concat([Uint8Array.of(protocol.length + 1), fromUtf8(`${protocol}\n`)])
}

const header = line('/multistream/1.0.0')

async function open(port: number, protocol: string, first: Uint8Array): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(concat([header, line(protocol), first]))
  return socket
}

/** Takes so many bytes; fails when the connection ends before. */
async function take(socket: Socket, length: number): Promise<Uint8Array> {
  for (;;) {
    const bytes = socket.read(length) as Uint8Array | null
    if (bytes !== null) return bytes
    if (socket.readableEnded || socket.destroyed) throw new Error('the node has closed the connection')
    await new Promise<void>(resolve => {
      for (const event of ['readable', 'close']) socket.once(event, () => resolve())
    })
  }
}

async function closed(socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.closed) await new Promise<void>(resolve => socket.once('close', () => resolve()))
}

async function messageA(port: number): Promise<void> {
  const socket = await open(port, '/noise', concat([Uint8Array.of(0, 32), randomBytes(32)]))
  await take(socket, header.byteLength + line('/noise').byteLength + 2)
  socket.destroy()
  await closed(socket)
}

async function noiseAttack(isHonest: boolean): Promise<(port: number) => Promise<void>> {
  const crypto = defaultCrypto
  const key = await generateKeyPair('Ed25519')
  return async port => {
    // A new static key each time: one that was seen before costs the node no signature check.
    const staticKey = crypto.generateKeyPair()
    const handshake = new Handshake({ crypto, initiator: true, prologue: new Uint8Array(0), staticKey })
    const a = handshake.writeA()
    const socket = await open(port, '/noise', concat([Uint8Array.of(0, a.byteLength), a]))
    await take(socket, header.byteLength + line('/noise').byteLength)
    const [high, low] = await take(socket, 2)
    handshake.readB(await take(socket, high! * 256 + low!))
    const identity = await signIdentity(key, staticKey.publicKey)
    if (!isHonest) identity.identitySig[5]! ^= 1
    const extensions = { streamMuxers: ['/yamux/1.0.0'], webtransportCerthashes: [] }
    const c = handshake.writeC(encodePayload({ ...identity, extensions }))
    socket.write(concat([Uint8Array.of(c.byteLength >> 8, c.byteLength & 0xff), c]))
    // The node reads the end behind it, and closes.
    socket.end()
    await closed(socket)
  }
}

function tlsDialer(secureContext: SecureContext): (port: number) => Promise<void> {
  return async port => {
    const socket = await open(port, '/tls/1.0.0', new Uint8Array(0))
    await take(socket, header.byteLength + line('/tls/1.0.0').byteLength)
    const secure = connectTls({
      socket,
      secureContext,
      rejectUnauthorized: false,
      ALPNProtocols: ['/yamux/1.0.0', 'libp2p']
    })
    await settled(secure)
    secure.destroy()
    await closed(socket)
  }
}

function tlsListener(secureContext: SecureContext): () => Promise<{ port: number; close(): Promise<void> }> {
  return async () => {
    const server = createServer(async socket => {
      socket.on('error', () => {})
      await take(socket, header.byteLength + line('/tls/1.0.0').byteLength).catch(() => {})
      socket.write(concat([header, line('/tls/1.0.0')]))
      const secure = new TLSSocket(socket, {
        ...{ isServer: true, secureContext, requestCert: true, rejectUnauthorized: false },
        ALPNProtocols: Buffer.from('\x0c/yamux/1.0.0\x06libp2p', 'latin1') as never
      })
      await settled(secure)
      secure.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      port: (server.address() as AddressInfo).port,
      close: async () => void (await once(server.close(), 'close'))
    }
  }
}

/** Ends the channel once it is there; over when the node has closed too, which it does having looked at the certificate. */
function settled(socket: TLSSocket): Promise<void> {
  return new Promise(resolve => {
    socket.on('error', () => {})
    socket.once('secure', () => socket.end())
    socket.once('close', () => resolve())
    socket.resume()
  })
}
