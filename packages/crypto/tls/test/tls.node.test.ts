import type { PrivateKey, StreamMuxerFactory } from '@libp2p/interface'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import {
  channelEndSuite,
  channelFaultSuite,
  cryptoChannelSuite,
  secure
} from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { tls, type TLSComponents } from '../src/index.ts'
import { framing } from './framing.ts'

const [dialerKey, listenerKey, impostorKey] = [
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519')
]

function peer(privateKey: PrivateKey = dialerKey, more?: Partial<TLSComponents>) {
  return { encrypter: tls()({ privateKey, ...more }), peerId: peerIdFromPrivateKey(privateKey) }
}

function muxers(...protocols: string[]): Partial<TLSComponents> {
  const entries = protocols.map(protocol => [protocol, { protocol } as StreamMuxerFactory] as const)
  return { upgrader: { getStreamMuxers: () => new Map(entries) } }
}

cryptoChannelSuite(
  { describe, it, expect },
  { setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey) }) }
)

channelEndSuite(
  { describe, it, expect },
  { setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey) }) }
)

channelFaultSuite(
  { describe, it, expect },
  {
    setup: async () => ({ dialer: peer(dialerKey), listener: peer(listenerKey), impostor: peer(impostorKey) }),
    framing
  }
)

describe('tls', () => {
  it.each(['secp256k1', 'ECDSA', 'RSA'] as const)('proves identities of type %s', async type => {
    const key = type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair(type as 'secp256k1')
    const { outbound, inbound } = await secure(peer(key), peer(listenerKey))
    expect(inbound.remotePeer.equals(peerIdFromPrivateKey(key))).toBe(true)
    outbound.connection.abort(new Error('done'))
  })

  it.each<[string, string[], string[], string | undefined]>([
    ['the first one of the dialer', ['/a', '/b', '/c'], ['/c', '/b', '/a'], '/a'],
    ['the first one of the dialer that the listener has', ['/a', '/b', '/c'], ['/c', '/b'], '/b'],
    ['none, where they have none in common', ['/a'], ['/b'], undefined],
    ['none, where the dialer has none', [], ['/a'], undefined]
  ])('agrees on a muxer in the handshake: %s', async (_which, ofDialer, ofListener, muxer) => {
    const { outbound, inbound } = await secure(
      peer(dialerKey, muxers(...ofDialer)),
      peer(listenerKey, muxers(...ofListener))
    )
    expect([outbound.streamMuxer?.protocol, inbound.streamMuxer?.protocol]).toEqual([muxer, muxer])
    outbound.connection.abort(new Error('done'))
  })

  it('closes the connection where somebody takes a muxer off the list on its way', async () => {
    const [dialer, near] = messageStreamPair()
    const [far, listener] = messageStreamPair()
    let changed = 0
    near.addEventListener('message', ({ data }) => {
      // The list stands in the first message, for everybody to read: "/a" becomes "/x", which the listener has not.
      const bytes = Uint8Array.from(data.subarray())
      const at = changed === 0 ? Buffer.from(bytes).indexOf('\x02/a\x02/b', 0, 'latin1') : -1
      if (at >= 0) {
        bytes[at + 2] = 'x'.charCodeAt(0)
        changed++
      }
      far.send(bytes)
    })
    far.addEventListener('message', ({ data }) => near.send(data.subarray()))
    near.addEventListener('close', () => far.abort(new Error('the other side has gone')))
    far.addEventListener('close', () => near.abort(new Error('the other side has gone')))
    const results = await Promise.allSettled([
      peer(dialerKey, muxers('/a', '/b')).encrypter.secureOutbound(dialer),
      peer(listenerKey, muxers('/a', '/b')).encrypter.secureInbound(listener)
    ])
    expect(changed).toBe(1)
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { name: 'InvalidCryptoExchangeError' } })
    expect(results[1].status).toBe('rejected')
    expect([dialer.status, listener.status]).not.toContain('open')
  })
})
