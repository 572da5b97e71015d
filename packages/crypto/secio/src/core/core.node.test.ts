import { concat, equals, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../crypto.node.ts'
import { agree, stretch } from './agreement.ts'
import { decodePropose, encodePropose, type Propose } from './messages.ts'
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

  it('are read, or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        try {
          decodePropose(bytes)
        } catch (error) {
          expect((error as Error).name).toBe('InvalidCryptoExchangeError')
        }
      })
    )
  })
})

describe('frames', () => {
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
