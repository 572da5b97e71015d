import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { concat, toHex } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { noise } from '@weft/noise'
import { plaintext } from '@weft/plaintext'
import { generateKey, preSharedKey } from '@weft/pnet'
import { tls } from '@weft/tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeKeyFile } from '../../crypto/pnet/src/core/key-file.ts'
import { Incoming } from '../../crypto/pnet/src/core/directions.ts'
import { createLibp2p } from '../src/index.ts'
import { proposal } from '../../../wirekit/multistream.mjs'
import { RawPeer } from './raw-peer.ts'
import { eventually, portOf, tcpNode, type TestNode, uncaught } from './tcp-nodes.ts'

uncaught()

const [psk, otherPsk] = [newKey(), newKey()]

function newKey(): Uint8Array {
  const psk = new Uint8Array(95)
  generateKey(psk)
  return psk
}

/** A node in the network of that key, or in none. */
async function node(key: Uint8Array | undefined, options: Parameters<typeof tcpNode>[0] = {}): Promise<TestNode> {
  const connectionProtector = key === undefined ? undefined : preSharedKey({ psk: key })
  const made = await tcpNode({ connectionProtector, ...options })
  onTestFinished(() => made.stop())
  return made
}

/** Keeps what the dialer sent to a port. */
async function wiretap(target: number): Promise<{ port: number; sent: () => Uint8Array }> {
  const chunks: Uint8Array[] = []
  const sockets: Socket[] = []
  const server = createServer(near => {
    const far = connect({ port: target, host: '127.0.0.1' })
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.on('data', chunk => chunks.push(chunk))
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as { port: number }).port, sent: () => concat(chunks) }
}

describe('nodes of a private network', () => {
  it.each([
    ['noise', noise, '/noise'],
    ['tls', tls, '/tls/1.0.0'],
    ['plaintext', plaintext, '/plaintext/2.0.0']
  ] as const)('speak to one another by %s, inside what is protected', async (_name, channel, protocol) => {
    const [a, b] = await Promise.all([1, 2].map(() => node(psk, { connectionEncrypters: [channel() as never] })))
    const { port, sent } = await wiretap(portOf(b!))
    const connection = await a!.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${b!.peerId.toString()}`))
    expect(connection.encryption).toBe(protocol)
    expect(await a!.services.ping.ping(b!.peerId)).toBeGreaterThan(0)

    const bytes = new Uint8Array(1024 * 1024).map((_, i) => i * 7)
    const stream = await connection.newStream('/echo/1.0.0')
    const hash = createHash('sha256')
    const read = (async () => {
      for await (const chunk of stream) hash.update(chunk.subarray())
    })()
    for (let at = 0; at < bytes.byteLength; at += 65_536) {
      if (!stream.send(bytes.slice(at, at + 65_536))) await stream.onDrain()
    }
    await stream.close()
    await read
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))

    // Nothing on the wire can be read without the key, not even which channel there is; with it, all is where it must be.
    const wire = sent()
    const opened = new Incoming(decodeKeyFile(psk)).open(wire)!
    const opening = proposal(protocol)
    expect(toHex(opened.subarray(0, opening.byteLength))).toBe(toHex(opening))
    expect(Buffer.from(wire).includes('multistream')).toBe(false)
    if (protocol === '/tls/1.0.0') {
      // A record of a handshake, in the form that every TLS 1.3 client begins with.
      expect(toHex(opened.subarray(opening.byteLength, opening.byteLength + 3))).toBe('160301')
    }
    await connection.close()
  })

  it.each([
    ['another key', psk, otherPsk],
    ['no key', undefined, psk],
    ['a key, to a node that has none', psk, undefined]
  ])('refuse who dials with %s, at once and with a typed error', async (_how, dialerKey, listenerKey) => {
    const [a, b] = [await node(dialerKey), await node(listenerKey)]
    // Long before anything could time out: ten seconds are the budget of a handshake.
    const error = await a.dial(b.getMultiaddrs(), { signal: AbortSignal.timeout(9000) }).then(
      () => undefined,
      (error: Error & { errors?: Error[] }) => error
    )
    const causes = [error, ...(error?.errors ?? [])].map(one => one?.name)
    expect(causes).toContain('EncryptionFailedError')
    expect([a.getConnections(), b.getConnections()]).toEqual([[], []])
    // The listener is whole.
    if (listenerKey === undefined) return
    const friend = await node(listenerKey)
    await friend.dial(b.getMultiaddrs())
  })

  it('end a connection whose nonce was cut off, or does not come', async () => {
    const own = await node(psk, { connectionManager: { inboundUpgradeTimeout: 200 } })
    const cut = await RawPeer.connect(portOf(own))
    cut.send(new Uint8Array(23).fill(1))
    cut.socket.end()
    await cut.gone()
    for (const bytes of [new Uint8Array(0), new Uint8Array(23), new Uint8Array(24)]) {
      const silent = await RawPeer.connect(portOf(own))
      silent.send(bytes)
      await silent.gone()
    }
    await eventually(() => expect(own.getConnections()).toEqual([]))
  })

  it('send their nonce to who says nothing, and nothing else', async () => {
    const own = await node(psk)
    const raw = await RawPeer.connect(portOf(own))
    await eventually(() => expect(raw.received.byteLength).toBe(24))
    raw.socket.destroy()
  })
})

describe('LIBP2P_FORCE_PNET', () => {
  it.each(['0', '', 'true'])('says nothing where it is "%s"', async value => {
    process.env['LIBP2P_FORCE_PNET'] = value
    onTestFinished(() => {
      delete process.env['LIBP2P_FORCE_PNET']
    })
    const made = await createLibp2p()
    await made.stop()
  })

  it('refuses a node that has no protector', async () => {
    process.env['LIBP2P_FORCE_PNET'] = '1'
    onTestFinished(() => {
      delete process.env['LIBP2P_FORCE_PNET']
    })
    await expect(createLibp2p()).rejects.toMatchObject({ name: 'InvalidParametersError' })
    await expect(node(psk)).resolves.toBeDefined()
  })
})
