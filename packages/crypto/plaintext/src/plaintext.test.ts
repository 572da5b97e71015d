import type { PrivateKey } from '@libp2p/interface'
import { encodeLengthPrefixed, toHex } from '@weft/bytes'
import { collect, messageStreamPair } from '@weft/interface-connection/compliance'
import {
  channelEndSuite,
  channelFaultSuite,
  cryptoChannelSuite,
  secure
} from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, generateKeyPairFromSeed, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeExchange, encodeExchange } from './core/exchange.ts'
import { plaintext } from './index.ts'

const [dialerKey, listenerKey, impostorKey] = [
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519'),
  await generateKeyPair('Ed25519')
]

function peer(privateKey: PrivateKey = dialerKey) {
  return { encrypter: plaintext()({ privateKey }), peerId: peerIdFromPrivateKey(privateKey) }
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
    // A length of one byte: an exchange with keys of Ed25519 has 76.
    framing: { measure: bytes => (bytes.byteLength === 0 ? undefined : 1 + bytes[0]!) },
    // An exchange has nothing that is new each time, and one that comes behind another is data.
    misses: ({ kind }) => kind === 'repeat' || kind === 'replay' || kind === 'reflect',
    isProtected: false
  }
)

describe('plaintext', () => {
  it('gives the connection itself, with what came behind the exchange', async () => {
    const [a, b] = messageStreamPair()
    const message = encodeExchange({
      id: dialerKey.publicKey.toMultihash().bytes,
      pubkey: publicKeyToProtobuf(dialerKey.publicKey)
    })
    a.send(Uint8Array.of(...encodeLengthPrefixed(message), 1, 2, 3))
    const { connection, remotePeer } = await peer(listenerKey).encrypter.secureInbound(b)
    expect(connection).toBe(b)
    expect(remotePeer.equals(peerIdFromPrivateKey(dialerKey))).toBe(true)
    await a.close()
    expect([...(await collect(connection))]).toEqual([1, 2, 3])
  })

  it.each(['secp256k1', 'RSA'] as const)('exchanges keys of type %s', async type => {
    const key = type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair(type)
    const { inbound, outbound } = await secure(peer(key), peer(listenerKey))
    expect(inbound.remotePeer.equals(peerIdFromPrivateKey(key))).toBe(true)
    outbound.connection.abort(new Error('done'))
  })

  it('writes what the specification says', async () => {
    const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32))
    const id = key.publicKey.toMultihash().bytes
    const raw = '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29'
    expect(toHex(encodeExchange({ id, pubkey: publicKeyToProtobuf(key.publicKey) }))).toBe(
      // field 1, 38 bytes: identity multihash (00) of the 36 bytes of the public key
      `0a260024${`08011220${raw}`}` +
        // field 2, 36 bytes: Type Ed25519 (08 01), Data of 32 bytes (12 20)
        `1224${`08011220${raw}`}`
    )
  })

  it.each([
    ['an id that is not the key’s', encodeExchange({ id: Uint8Array.of(0, 1, 2), pubkey: pubkey() })],
    ['a key of no type', encodeExchange({ id: Uint8Array.of(0, 1, 2), pubkey: Uint8Array.of(1) })],
    ['no key', Uint8Array.of(10, 1, 0)]
  ])('refuses %s', async (_what, message) => {
    await expect(answer(encodeLengthPrefixed(message))).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it.each([
    ['an empty exchange', Uint8Array.of(0)],
    ['one of 8,193 bytes', Uint8Array.of(0x81, 0x40)],
    ['one of 2 MiB', Uint8Array.of(0x80, 0x80, 0x80, 0x01)],
    ['a length that is not minimal', Uint8Array.of(0x80, 0x00)]
  ])('refuses %s', async (_what, bytes) => {
    await expect(answer(bytes)).rejects.toMatchObject({ name: 'InvalidCryptoExchangeError' })
  })

  it('reads any bytes or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        try {
          decodeExchange(bytes)
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidCryptoExchangeError' })
        }
      })
    )
  })
})

function pubkey(): Uint8Array {
  return publicKeyToProtobuf(dialerKey.publicKey)
}

function answer(bytes: Uint8Array): Promise<unknown> {
  const [a, b] = messageStreamPair()
  a.send(bytes)
  return peer(listenerKey).encrypter.secureInbound(b)
}
