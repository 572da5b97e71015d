import { fromHex, toHex, toUtf8 } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultCrypto } from '#crypto'
import { nobleCrypto } from '../crypto.noble.ts'
import { pureJsCrypto } from '../crypto-interface.ts'
import { foreignCrypto } from '../foreign-crypto.ts'
import type { NoiseCrypto } from './crypto.ts'
import { Handshake } from './handshake.ts'

// The vector of Noise_XX_25519_ChaChaPoly_SHA256 in https://github.com/haskell-cryptography/cacophony (public domain).
const vector = {
  prologue: '4a6f686e2047616c74',
  initiatorStatic: 'e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1',
  initiatorEphemeral: '893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a',
  responderStatic: '4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893',
  responderEphemeral: 'bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b',
  hash: 'c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e',
  payloads: [
    '4c756477696720766f6e204d69736573', // Ludwig von Mises
    '4d757272617920526f746862617264', // Murray Rothbard
    '462e20412e20486179656b' // F. A. Hayek
  ].map(fromHex),
  messages: [
    // e, then the payload in the clear
    `ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944${'4c756477696720766f6e204d69736573'}`,
    // e; the static key and its tag; the payload and its tag
    '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843' +
      '81cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b781' +
      '5528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad',
    // the static key and its tag; the payload and its tag
    'c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f' +
      '58c9fea0d4ec82a286427402f113e4b6ae769a1d95941d49b25030'
  ],
  // After the handshake, the responder first.
  transport: [
    ['4361726c204d656e676572', '96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df'],
    ['4a65616e2d426170746973746520536179', '3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5'],
    [
      '457567656e2042f6686d20766f6e2042617765726b',
      'eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f'
    ]
  ]
}

const cryptos: [string, NoiseCrypto][] = [
  ['the runtime’s cryptography', defaultCrypto],
  ['cryptography in JavaScript', nobleCrypto],
  ['a user’s cryptography', foreignCrypto(pureJsCrypto)]
]

function pair(crypto: NoiseCrypto): [Handshake, Handshake] {
  const side = (initiator: boolean, staticKey: string, ephemeralKey: string): Handshake =>
    new Handshake({
      crypto,
      initiator,
      prologue: fromHex(vector.prologue),
      staticKey: crypto.keyPairOf(fromHex(staticKey)),
      ephemeralKey: crypto.keyPairOf(fromHex(ephemeralKey))
    })
  return [
    side(true, vector.initiatorStatic, vector.initiatorEphemeral),
    side(false, vector.responderStatic, vector.responderEphemeral)
  ]
}

describe.each(cryptos)('handshake with %s', (_name, crypto) => {
  it('gives the bytes of the test vector', () => {
    const [initiator, responder] = pair(crypto)
    const [a, b, c] = vector.payloads as [Uint8Array, Uint8Array, Uint8Array]
    const first = initiator.writeA(a)
    expect(toHex(first)).toBe(vector.messages[0])
    expect(responder.readA(first)).toEqual(a)
    const second = responder.writeB(b)
    expect(toHex(second)).toBe(vector.messages[1])
    expect(toUtf8(initiator.readB(second))).toBe('Murray Rothbard')
    const third = initiator.writeC(c)
    expect(toHex(third)).toBe(vector.messages[2])
    expect(toUtf8(responder.readC(third))).toBe('F. A. Hayek')
    expect(toHex(initiator.handshakeHash)).toBe(vector.hash)
    expect(toHex(responder.handshakeHash)).toBe(vector.hash)
    expect(initiator.remoteStatic).toEqual(crypto.keyPairOf(fromHex(vector.responderStatic)).publicKey)
    expect(responder.remoteStatic).toEqual(crypto.keyPairOf(fromHex(vector.initiatorStatic)).publicKey)

    const [near, far] = [initiator.split(), responder.split()]
    vector.transport.forEach(([payload, ciphertext], i) => {
      const [send, receive] = i % 2 === 0 ? [far.send, near.receive] : [near.send, far.receive]
      const sealed = send.seal(fromHex(payload!))
      expect(toHex(sealed)).toBe(ciphertext)
      expect(toHex(receive.open(sealed))).toBe(payload)
    })
  })

  // noise-len0; and all lengths below what a message has.
  it.each([0, 31])('refuses a first message of %i bytes', length => {
    const [, responder] = pair(crypto)
    expect(() => responder.readA(new Uint8Array(length))).toThrow(refusal)
  })

  it('refuses short second and third messages', () => {
    const [initiator] = pair(crypto)
    initiator.writeA()
    expect(() => initiator.readB(fromHex(vector.messages[1]!).subarray(0, 95))).toThrow(refusal)
    const [other, responder] = pair(crypto)
    responder.readA(other.writeA())
    responder.writeB(vector.payloads[1]!)
    expect(() => responder.readC(fromHex(vector.messages[2]!).subarray(0, 63))).toThrow(refusal)
  })

  // noise-zero-e; RFC 7748, section 6.1, and other points of small order.
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
  ])('refuses the key %s', key => {
    const [, responder] = pair(crypto)
    responder.readA(fromHex(key))
    expect(() => responder.writeB(new Uint8Array(0))).toThrow(refusal)
  })

  it('refuses a zero secret even where the key agreement gives one', () => {
    const lenient = { ...crypto, dh: () => new Uint8Array(32) }
    const [, responder] = pair(lenient)
    responder.readA(new Uint8Array(32).fill(9))
    expect(() => responder.writeB(new Uint8Array(0))).toThrow(/shared secret is zero/)
  })

  it('refuses steps out of order, and every step after a failure', () => {
    const [initiator, responder] = pair(crypto)
    expect(() => initiator.readA(new Uint8Array(32))).toThrow(refusal)
    expect(() => initiator.writeA()).toThrow(refusal)
    expect(() => responder.split()).toThrow(refusal)
  })
})

describe('handshake', () => {
  const refusalOf = (step: () => unknown): string => {
    try {
      step()
    } catch (error) {
      return (error as Error).name
    }
    return 'none'
  }

  it('notices every bit that changes on the way, at the latest in the third message', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), fc.nat(7), (which, byte, bit) => {
        const [initiator, responder] = pair(defaultCrypto)
        const change = (index: number, message: Uint8Array): Uint8Array => {
          const changed = message.slice()
          if (index === which) changed[byte % changed.byteLength]! ^= 1 << bit
          return changed
        }
        const name = refusalOf(() => {
          responder.readA(change(0, initiator.writeA(vector.payloads[0])))
          initiator.readB(change(1, responder.writeB(vector.payloads[1]!)))
          responder.readC(change(2, initiator.writeC(vector.payloads[2]!)))
        })
        expect(name).toBe('InvalidCryptoExchangeError')
      }),
      { numRuns: 50 }
    )
  })

  it('refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), bytes => {
        const [initiator, responder] = pair(defaultCrypto)
        initiator.writeA()
        expect(refusalOf(() => initiator.readB(bytes))).toBe('InvalidCryptoExchangeError')
        const name = refusalOf(() => {
          responder.readA(bytes)
          responder.writeB(new Uint8Array(0))
          responder.readC(bytes)
        })
        expect(name).toBe('InvalidCryptoExchangeError')
      }),
      { numRuns: 50 }
    )
  })
})

const refusal: unknown = expect.objectContaining({ name: 'InvalidCryptoExchangeError' })
