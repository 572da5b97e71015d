/** What a raw connection tells of a handshake over sockets: by it handshakes that are too slow are found. */
import type { MultiaddrConnection } from '@libp2p/interface'
import { PassThroughUpgrader, testComponents } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { noise } from '@weft/noise'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { tcp } from '@weft/tcp'
import { tls } from '@weft/tls'
import { describe, expect, it, onTestFinished } from 'vitest'

const [dialerKey, listenerKey] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]

function receivedBytesOf(connection: MultiaddrConnection): number {
  return (connection as unknown as Record<symbol, number>)[Symbol.for('@weft/received-bytes')]!
}

async function connect(): Promise<[dialed: MultiaddrConnection, accepted: MultiaddrConnection]> {
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

describe.each(Object.entries({ noise: noise(), tls: tls() }))('%s', (_name, channel) => {
  const [dialer, listener] = [channel({ privateKey: dialerKey }), channel({ privateKey: listenerKey })]

  it('brings bytes that are counted, also below a channel that takes the socket', async () => {
    const [dialed, accepted] = await connect()
    expect(receivedBytesOf(accepted)).toBe(0)
    await Promise.all([
      dialer.secureOutbound(dialed, { remotePeer: peerIdFromPrivateKey(listenerKey) }),
      listener.secureInbound(accepted)
    ])
    // Keys, signatures, in TLS a certificate: more than the least for three seconds.
    expect(receivedBytesOf(accepted)).toBeGreaterThan(192)
  })

  it('fails at once when its connection is aborted', async () => {
    const [, accepted] = await connect()
    const secured = listener.secureInbound(accepted)
    accepted.abort(new Error('too slow'))
    await expect(secured).rejects.toThrow()
  })
})
