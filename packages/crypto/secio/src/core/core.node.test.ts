import { concat, equals, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../crypto.node.ts'
import { agree, type DirectionKeys, stretch } from './agreement.ts'
import type { CipherName, HashName } from './crypto.ts'
import { decodeExchange, decodePropose, encodeExchange, encodePropose, type Propose } from './messages.ts'
import { Opener, Sealer } from './records.ts'

const propose = (byte: number, more: Partial<Propose> = {}): Propose => ({
  ...{ rand: new Uint8Array(16).fill(byte), pubkey: Uint8Array.of(byte) },
  ...{ exchanges: 'P-256,P-384', ciphers: 'AES-256,AES-128', hashes: 'SHA256,SHA512' },
  ...more
})
const keys = {
  iv: new Uint8Array(16).fill(1),
  key: new Uint8Array(32).fill(2),
  macKey: new Uint8Array(20).fill(3)
}

// Made with HMAC of another implementation, from the bytes 00 to 1f: iv, key and MAC key of each direction.
const stretched: Array<[CipherName, HashName, string[], string[]]> = [
  [
    'AES-256',
    'SHA256',
    [
      'bef3e571301dc04a79ad4ab4310b90a4',
      '80043e5a719b99aec95ba29a00234beba1999046d5c676ef6b53c490bca9643f',
      '14427b5e3cddd3c6acc3bf5bd9d23dd331b220b6'
    ],
    [
      'a0b21dec2b5cd9a47711c674fc294509',
      '9583d472e25338bfc9fdfcfa7199762813727766f00d5da254a8991aaef9ff4e',
      '616379aa2558a68ac76d3638e37e45cf85b7a18c'
    ]
  ],
  [
    'AES-256',
    'SHA512',
    [
      '8983caaaf635e4415ec2f52149af25cf',
      '024b0ce5e8c0c5675f71e0a0528d8e7b7cb12134300f2f1aa1c4e1b385a81097',
      '50130c8965e6958963b23ce6291e801af46500fe'
    ],
    [
      '32c0df27cbdc9718c9ee2469caca24a0',
      '9de5af00a30623417742114bb7df4044971df5abaf617211e3a2fc1ecb7fdceb',
      'c33334a1a5a0f27683f8a685fc23ba1e306bc805'
    ]
  ],
  [
    'AES-128',
    'SHA256',
    [
      'bef3e571301dc04a79ad4ab4310b90a4',
      '80043e5a719b99aec95ba29a00234beb',
      'a1999046d5c676ef6b53c490bca9643f14427b5e'
    ],
    ['3cddd3c6acc3bf5bd9d23dd331b220b6', 'a0b21dec2b5cd9a47711c674fc294509', '9583d472e25338bfc9fdfcfa7199762813727766']
  ],
  [
    'AES-128',
    'SHA512',
    [
      '8983caaaf635e4415ec2f52149af25cf',
      '024b0ce5e8c0c5675f71e0a0528d8e7b',
      '7cb12134300f2f1aa1c4e1b385a8109750130c89'
    ],
    ['65e6958963b23ce6291e801af46500fe', '32c0df27cbdc9718c9ee2469caca24a0', '9de5af00a30623417742114bb7df4044971df5ab']
  ]
]

describe('what two proposals come to', () => {
  it('is the same on both sides, by the preference of one of them', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (one, other) => {
        fc.pre(one !== other)
        const [a, b] = [propose(one, { exchanges: 'P-256,P-521' }), propose(other, { exchanges: 'P-521,P-256' })]
        const [own, remote] = [agree(nodeCrypto, a, b), agree(nodeCrypto, b, a)]
        expect({ ...own, isFirst: !own.isFirst }).toEqual(remote)
        expect(own.curve).toBe(own.isFirst ? 'P-256' : 'P-521')
        const secret = new Uint8Array(32).fill(9)
        expect(stretch(nodeCrypto, own, secret)).toEqual(stretch(nodeCrypto, remote, secret).reverse())
      })
    )
  })

  it('has keys as long as the cipher asks for', () => {
    const agreement = { curve: 'P-256', cipher: 'AES-128', hash: 'SHA256', isFirst: true } as const
    const [own, remote] = stretch(nodeCrypto, agreement, fromHex('00'.repeat(32)))
    for (const { iv, key, macKey } of [own, remote])
      expect([iv, key, macKey].map(part => part.byteLength)).toEqual([16, 16, 20])
    // a(1) = HMAC(secret, seed); the first block is HMAC(secret, a(1), seed)
    const seed = new TextEncoder().encode('key expansion')
    const secret = new Uint8Array(32)
    const block = nodeCrypto.hmac('SHA256', secret, [nodeCrypto.hmac('SHA256', secret, [seed]), seed])
    expect(toHex(concat([own.iv, own.key]))).toBe(toHex(block))
  })

  it.each(stretched)('has these keys with %s and %s', (cipher, hash, first, second) => {
    const agreement = { curve: 'P-256', cipher, hash, isFirst: true } as const
    const secret = new Uint8Array(32).map((_, i) => i)
    const hex = ({ iv, key, macKey }: DirectionKeys): string[] => [iv, key, macKey].map(toHex)
    expect(stretch(nodeCrypto, agreement, secret).map(hex)).toEqual([first, second])
    expect(stretch(nodeCrypto, { ...agreement, isFirst: false }, secret).map(hex)).toEqual([second, first])
  })

  it('is nothing for a proposal that is repeated', () => {
    expect(() => agree(nodeCrypto, propose(1), propose(1))).toThrow('this node itself')
  })
})

describe('proposals', () => {
  it('are written as the specification says', () => {
    expect(toHex(encodePropose(propose(7, { exchanges: 'P-256', ciphers: 'AES-128', hashes: 'SHA256' })))).toBe(
      `0a10${'07'.repeat(16)}` + // field 1, 16 bytes: rand
        '120107' + // field 2: pubkey
        '1a05502d323536' + // field 3: P-256
        '22074145532d313238' + // field 4: AES-128
        '2a06534841323536' // field 5: SHA256
    )
  })

  it.each([
    ['proposals', decodePropose],
    ['exchanges', decodeExchange]
  ])('and are read, or refused: %s', (_what, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        try {
          decode(bytes)
        } catch (error) {
          expect((error as Error).name).toBe('InvalidCryptoExchangeError')
        }
      })
    )
  })

  it('are followed by exchanges', () => {
    expect(toHex(encodeExchange({ epubkey: Uint8Array.of(4, 1, 2), signature: Uint8Array.of(9, 8) }))).toBe(
      '0a03040102' + // field 1, 3 bytes: epubkey
        '12020908' // field 2, 2 bytes: signature
    )
  })
})

describe('frames', () => {
  // Made with OpenSSL and another implementation of HMAC.
  it.each<[HashName, number, string, string]>([
    ['SHA256', 16, 'e727ae2781', '9a7ba87528b8dc4d2e615b9a91d5fe1e112a5054445c4b49166b2145f8e09fda'],
    [
      'SHA512',
      32,
      '689cab2824',
      '502a8cce10c0ac9430e6a177fc722900cda948cb51e3841cfdf36f91dca93e00c93779c5f03598a62e55861edb7e3281c7d2c2bbc5a8c4ac22c06a4c98308fcd'
    ]
  ])('are length, ciphertext and MAC: %s, a key of %i bytes', (hash, keyLength, ciphertext, mac) => {
    const sealed = new Sealer(nodeCrypto, hash, { ...keys, key: new Uint8Array(keyLength).fill(2) }).seal(
      new TextEncoder().encode('hello')
    )
    const length = (5 + mac.length / 2).toString(16).padStart(8, '0')
    expect(toHex(sealed)).toBe(length + ciphertext + mac)
  })

  it('carry bytes, wherever chunks begin and end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 })),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (writes, sizes) => {
          const sealer = new Sealer(nodeCrypto, 'SHA256', keys)
          const opener = new Opener(nodeCrypto, 'SHA256', keys)
          const sealed = concat(writes.map(bytes => sealer.seal(bytes)))
          const out: Uint8Array[] = []
          for (let at = 0, i = 0; at < sealed.byteLength; i++) {
            const end = at + sizes[i % sizes.length]!
            opener.read(sealed.subarray(at, end), plaintext => out.push(plaintext))
            at = end
          }
          expect(equals(concat(out), concat(writes))).toBe(true)
          expect(opener.isBetweenFrames).toBe(true)
        }
      )
    )
  })

  it('with any bit changed are refused, and nothing is given out', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (where, bit) => {
        const sealed = new Sealer(nodeCrypto, 'SHA512', keys).seal(new Uint8Array(100))
        // Not the length: more or less is then waited for.
        sealed[4 + (where % (sealed.byteLength - 4))]! ^= 1 << bit
        const opener = new Opener(nodeCrypto, 'SHA512', keys)
        const deliver = (): void => expect.unreachable()
        expect(() => opener.read(sealed, deliver)).toThrow(expect.objectContaining({ code: 'ERR_SECIO_MAC' }))
      })
    )
  })
})
