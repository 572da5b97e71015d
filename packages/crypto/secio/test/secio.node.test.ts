import type { PrivateKey } from '@libp2p/interface'
import { concat, equals } from '@weft/bytes'
import { collect, ended, messageStreamPair } from '@weft/interface-connection/compliance'
import {
  channelEndSuite,
  channelFaultSuite,
  cryptoChannelSuite,
  secure
} from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { offer } from '../src/core/agreement.ts'
import { encodePropose, type Propose } from '../src/core/messages.ts'
import { lengthOf, withLength } from '../src/core/records.ts'
import { secio, type SecioInit } from '../src/index.ts'

const [dialerKey, listenerKey, impostorKey] = [
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519')
]

function peer(privateKey: PrivateKey = dialerKey, init?: SecioInit) {
  return { encrypter: secio(init)({ privateKey }), peerId: peerIdFromPrivateKey(privateKey) }
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
    // Four bytes of length before each message, in the handshake and behind it.
    framing: { measure: bytes => (bytes.byteLength < 4 ? undefined : 4 + lengthOf(bytes)) },
    // A frame is sealed, its place is not (README). The third message of the handshake is the first frame.
    misses: ({ kind, index }, inHandshake) =>
      (kind === 'repeat' && index >= 2) || (!inHandshake && ['drop', 'swap', 'reflect'].includes(kind))
  }
)

const combinations = offer.exchanges.flatMap(curve =>
  offer.ciphers.flatMap(cipher => offer.hashes.map(hash => [curve, cipher, hash] as const))
)

describe('secio', () => {
  it.each(combinations)('speaks %s, %s and %s', async (curve, cipher, hash) => {
    const only = { offer: { exchanges: [curve], ciphers: [cipher], hashes: [hash] } }
    const { outbound, inbound } = await secure(peer(dialerKey, only), peer(listenerKey))
    const bytes = new Uint8Array(200_000).map((_, i) => i * 7)
    const received = collect(inbound.connection)
    outbound.connection.send(bytes)
    await outbound.connection.close()
    expect(equals(await received, bytes)).toBe(true)
  })

  it.each(['secp256k1', 'RSA'] as const)('proves identities of type %s', async type => {
    const key = await generateKeyPair(type as 'secp256k1')
    const { outbound, inbound } = await secure(peer(key), peer(listenerKey))
    expect(inbound.remotePeer.equals(peerIdFromPrivateKey(key))).toBe(true)
    outbound.connection.abort(new Error('done'))
  })

  it('refuses a peer with which it has nothing in common', async () => {
    const [one, other] = [{ offer: { ciphers: ['AES-128'] } }, { offer: { ciphers: ['AES-256'] } }] as SecioInit[]
    await expect(secure(peer(dialerKey, one), peer(listenerKey, other))).rejects.toThrow('no cipher in common')
  })

  it('refuses itself', async () => {
    await expect(secure(peer(), peer())).rejects.toThrow('is this node itself')
  })

  const right: Propose = {
    ...{ rand: new Uint8Array(16), pubkey: publicKeyToProtobuf(listenerKey.publicKey) },
    ...{ exchanges: 'P-256', ciphers: 'AES-128', hashes: 'SHA256' }
  }

  it.each<[string, Uint8Array]>([
    ['a message of more than 1 MiB', Uint8Array.of(0, 16, 0, 1)],
    ['a message of 4 GiB', Uint8Array.of(255, 255, 255, 255)],
    ['a proposal that is none', withLength([Uint8Array.of(1, 2, 3)])],
    ['a nonce of 15 bytes', withLength([encodePropose({ ...right, rand: new Uint8Array(15) })])],
    ['an identity key that is none', withLength([encodePropose({ ...right, pubkey: Uint8Array.of(1) })])],
    ['Blowfish', withLength([encodePropose({ ...right, ciphers: 'Blowfish' })])],
    [
      'an exchange that is none',
      concat([withLength([encodePropose(right)]), withLength([Uint8Array.of(10, 1, 1, 18, 1, 1)])])
    ]
  ])('refuses %s', async (_what, bytes) => {
    const [a, b] = messageStreamPair()
    const refused = peer().encrypter.secureInbound(b)
    a.send(bytes)
    await expect(refused).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
    expect(b.status).toBe('aborted')
  })

  it('ends the connection at a frame that was changed, or is too long', async () => {
    for (const bytes of [Uint8Array.of(0, 0, 0, 40, ...new Uint8Array(40)), Uint8Array.of(1, 0, 0, 0)]) {
      const { inbound, below } = await secure(peer(dialerKey), peer(listenerKey))
      const broken = ended(inbound.connection)
      below[0].send(bytes)
      expect((await broken).error).toMatchObject({ name: 'SecioError' })
    }
  })
})
