import type { PrivateKey, StreamMuxerFactory } from '@libp2p/interface'
import { cryptoChannelSuite, secure } from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { tls, type TLSComponents } from '../src/index.ts'

const [dialerKey, listenerKey] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]

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

describe('tls', () => {
  it.each(['secp256k1', 'ECDSA', 'RSA'] as const)('proves identities of type %s', async type => {
    const key = type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair(type as 'secp256k1')
    const { outbound, inbound } = await secure(peer(key), peer(listenerKey))
    expect(inbound.remotePeer.equals(peerIdFromPrivateKey(key))).toBe(true)
    outbound.connection.abort(new Error('done'))
  })

  it('agrees on a muxer in the handshake, by the preference of the listener', async () => {
    const { outbound, inbound } = await secure(
      peer(dialerKey, muxers('/a', '/b')),
      peer(listenerKey, muxers('/b', '/c'))
    )
    expect([outbound.streamMuxer?.protocol, inbound.streamMuxer?.protocol]).toEqual(['/b', '/b'])
    outbound.connection.abort(new Error('done'))
  })
})
