import type { MultiaddrConnection, PrivateKey, SecuredConnection } from '@libp2p/interface'
import { collect, ended } from '@weft/interface-connection/compliance'
import { channelEndSuite, channelFaultSuite } from '@weft/interface-crypto-channel/compliance'
import { PassThroughUpgrader, testComponents } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { tcp } from '@weft/tcp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tls } from '../src/index.ts'
import { framing } from './framing.ts'

const [dialerKey, listenerKey, impostorKey] = [
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519')
]

function peer(privateKey: PrivateKey) {
  return { encrypter: tls()({ privateKey }), peerId: peerIdFromPrivateKey(privateKey) }
}

/** Both ends of a TCP connection on this machine. */
async function socketPair(): Promise<[MultiaddrConnection, MultiaddrConnection]> {
  const transport = tcp()(testComponents())
  const [dialing, listening] = [new PassThroughUpgrader(), new PassThroughUpgrader()]
  const listener = transport.createListener({ upgrader: listening })
  await listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0'))
  onTestFinished(() => listener.close())
  const inbound = listening.nextInbound()
  await transport.dial(listener.getAddrs()[0]!, { upgrader: dialing, signal: new AbortController().signal })
  onTestFinished(() => dialing.outbound!.abort(new Error('the test has ended')))
  return [dialing.outbound!, await inbound]
}

async function secured(
  pair: [MultiaddrConnection, MultiaddrConnection]
): Promise<[SecuredConnection, SecuredConnection]> {
  return Promise.all([
    tls()({ privateKey: dialerKey }).secureOutbound(pair[0], { remotePeer: peerIdFromPrivateKey(listenerKey) }),
    tls()({ privateKey: listenerKey }).secureInbound(pair[1])
  ])
}

// Behind ServerHello, EncryptedExtensions, CertificateRequest, Certificate, CertificateVerify and Finished.
const firstTicket = 6

channelEndSuite(
  { describe, it, expect },
  { setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey) }), connect: socketPair }
)

channelFaultSuite(
  { describe, it, expect },
  {
    setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey), impostor: peer(impostorKey) }),
    framing,
    connect: socketPair,
    // As a reset, or as an end where that arrives first: the system sends both.
    tellsOfAborts: false,
    // The system takes a record that is cut off, once the dialer has proved itself, for the end (README).
    misses: ({ kind, side, index }, inHandshake) =>
      (kind === 'cut' || kind === 'silence') && (!inHandshake || (side === 'listener' && index >= firstTicket))
  }
)

describe('over a socket', () => {
  it('is the connection itself, whose bytes the system encrypts', async () => {
    const pair = await socketPair()
    const [outbound, inbound] = await secured(pair)
    expect([outbound.connection === pair[0], inbound.connection === pair[1]]).toEqual([true, true])
    const bytes = new Uint8Array(8 * 1024 * 1024).map((_, i) => i * 31)
    const received = collect(inbound.connection)
    for (let at = 0; at < bytes.byteLength; at += 65_536) {
      if (!outbound.connection.send(bytes.slice(at, at + 65_536))) await outbound.connection.onDrain()
    }
    await outbound.connection.close()
    expect(Buffer.compare(await received, bytes)).toBe(0)
    // The other direction is still open.
    const answer = collect(outbound.connection)
    inbound.connection.send(Uint8Array.of(1, 2, 3))
    await inbound.connection.close()
    expect([...(await answer)]).toEqual([1, 2, 3])
    expect([outbound.connection.status, inbound.connection.status]).toEqual(['closed', 'closed'])
  })

  // As a reset, or as an end where that arrives first: the system sends both.
  it('tells the remote of an abort', async () => {
    const [outbound, inbound] = await secured(await socketPair())
    const broken = ended(inbound.connection)
    outbound.connection.abort(new Error('enough'))
    await broken
    expect([outbound.connection.status, inbound.connection.status]).toEqual([
      'aborted',
      expect.stringMatching(/reset|closed/)
    ])
  })

  it('takes what has come before it began', async () => {
    const [a, b] = await socketPair()
    const securing = tls()({ privateKey: dialerKey }).secureOutbound(a)
    // The listener reads a while later: the first message waits in the connection.
    while (b.readBufferLength === 0) await new Promise(resolve => setImmediate(resolve))
    const { remotePeer } = await tls()({ privateKey: listenerKey }).secureInbound(b)
    expect(remotePeer.equals(peerIdFromPrivateKey(dialerKey))).toBe(true)
    await securing
  })

  it('aborts the connection when the remote is someone else', async () => {
    const [a, b] = await socketPair()
    const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const accepting = tls()({ privateKey: listenerKey }).secureInbound(b)
    const broken = ended(b)
    const dialing = tls()({ privateKey: dialerKey }).secureOutbound(a, { remotePeer })
    await expect(dialing).rejects.toMatchObject({ name: 'UnexpectedPeerError' })
    await Promise.allSettled([accepting])
    await broken
    expect(a.status).toBe('aborted')
  })
})
