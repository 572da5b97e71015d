import { ByteQueue, concat, equals, isTuned } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultCrypto } from '#crypto'
import { nobleCrypto } from '../crypto.noble.ts'
import { pureJsCrypto } from '../crypto-interface.ts'
import { foreignCrypto } from '../foreign-crypto.ts'
import { CipherState, nonceLimit } from './cipher-state.ts'
import type { NoiseCrypto } from './crypto.ts'
import { RecordReader, sealQueue } from './records.ts'

const key = new Uint8Array(32).fill(7)

const cryptos: [string, NoiseCrypto][] = [
  ['the runtime’s cryptography', defaultCrypto],
  ['cryptography in JavaScript', nobleCrypto],
  ['a user’s cryptography', foreignCrypto(pureJsCrypto)]
]

function cipher(crypto: NoiseCrypto = defaultCrypto, firstNonce?: number): CipherState {
  return new CipherState(crypto.cipherKey(key), firstNonce)
}

function queueOf(...chunks: Uint8Array[]): ByteQueue {
  const queue = new ByteQueue()
  for (const chunk of chunks) queue.push(chunk)
  return queue
}

function pattern(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => i * 31 + (i >> 8))
}

function sealAll(state: CipherState, queue: ByteQueue): Uint8Array {
  const out: Uint8Array[] = []
  while (queue.byteLength > 0) out.push(...sealQueue(state, queue))
  return concat(out)
}

/** All that a reader gives for bytes that come in chunks of these sizes, again and again. */
function readAll(reader: RecordReader, bytes: Uint8Array, sizes: readonly number[]): Uint8Array {
  const out: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.byteLength; i++) {
    const end = at + sizes[i % sizes.length]!
    reader.read(bytes.subarray(at, end), plaintext => out.push(plaintext))
    at = end
  }
  return concat(out)
}

describe.each(cryptos)('records with %s', (_name, crypto) => {
  it.each([
    ['one byte', [1]],
    ['many small chunks', Array.from({ length: 300 }, () => 100)],
    ['the largest record', [65_519]],
    ['one byte more', [65_520]],
    ['small and large chunks', [10, 20, 20_000, 5, 16_384, 16_383, 1]],
    ['a queue that takes several writes', [400_000]]
  ])('carry %s', (_what, sizes) => {
    const chunks = sizes.map(pattern)
    const sealed = sealAll(cipher(crypto), queueOf(...chunks))
    const records = Math.ceil(concat(chunks).byteLength / 65_519)
    expect(sealed.byteLength).toBe(concat(chunks).byteLength + records * 18)
    const reader = new RecordReader(cipher(crypto))
    expect(equals(readAll(reader, sealed, [sealed.byteLength]), concat(chunks))).toBe(true)
    expect(reader.isBetweenRecords).toBe(true)
  })

  it('are the same bytes with every cryptography', () => {
    const chunks = [3, 5000, 20_000, 70_000].map(pattern)
    const expected = sealAll(cipher(nobleCrypto), queueOf(...chunks))
    expect(equals(sealAll(cipher(crypto), queueOf(...chunks)), expected)).toBe(true)
  })

  it('are the same bytes at every size, and are opened however they come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2100 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        (length, sizes) => {
          const sealed = sealAll(cipher(crypto), queueOf(pattern(length)))
          expect(equals(sealed, sealAll(cipher(nobleCrypto), queueOf(pattern(length))))).toBe(true)
          expect(equals(readAll(new RecordReader(cipher(crypto)), sealed, sizes), pattern(length))).toBe(true)
        }
      )
    )
  })

  it('are refused without a whole tag, and when they were changed', () => {
    const sealed = sealAll(cipher(crypto), queueOf(pattern(100)))
    for (let i = 2; i < sealed.byteLength; i++) {
      const changed = sealed.slice()
      changed[i]! ^= 1
      expect(() => readAll(new RecordReader(cipher(crypto)), changed, [50])).toThrow(
        expect.objectContaining({ name: 'NoiseError', code: 'ERR_NOISE_TAG' })
      )
    }
    expect(() => new RecordReader(cipher(crypto)).read(Uint8Array.of(0, 15), () => {})).toThrow(
      expect.objectContaining({ name: 'NoiseError', code: 'ERR_NOISE_RECORD_LENGTH' })
    )
  })

  it('may be empty', () => {
    const out: Uint8Array[] = []
    cipher(crypto).sealRecord([new Uint8Array(0)], 0, out)
    expect(concat(out).byteLength).toBe(18)
    expect(readAll(new RecordReader(cipher(crypto)), concat(out), [1]).byteLength).toBe(0)
  })
})

describe('records', () => {
  it('come out the same however the bytes are cut', () => {
    const plaintext = pattern(200_000)
    const sealed = sealAll(cipher(), queueOf(pattern(3), plaintext))
    const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1000, max: 70_000 }))
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 8 }), sizes => {
        const total = sizes.reduce((sum, one) => sum + one, 0) / sizes.length
        fc.pre(total > 200)
        const opened = readAll(new RecordReader(cipher()), sealed, sizes)
        expect(equals(opened, concat([pattern(3), plaintext]))).toBe(true)
      }),
      { numRuns: 20 }
    )
  })

  it('come out of single bytes', () => {
    const sealed = sealAll(cipher(), queueOf(pattern(3000)))
    const reader = new RecordReader(cipher())
    expect(readAll(reader, sealed.subarray(0, -1), [1]).byteLength).toBe(0)
    expect(reader.isBetweenRecords).toBe(false)
    expect(readAll(reader, sealed.subarray(-1), [1])).toEqual(pattern(3000))
  })

  it('give nothing of any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        let given = 0
        try {
          new RecordReader(cipher()).read(bytes, plaintext => {
            given += plaintext.byteLength
          })
        } catch (error) {
          expect(error).toMatchObject({ name: 'NoiseError' })
        }
        expect(given).toBe(0)
      })
    )
  })
})

describe('nonces', () => {
  // RFC 8439's nonce: 32 zero bits, then Noise's counter of 64 bits, little-endian (Noise, section 12.3).
  it.each([
    [0, '000000000000000000000000'],
    [1, '000000000100000000000000'],
    [2 ** 32 - 1, '00000000ffffffff00000000'],
    [2 ** 32, '000000000000000001000000'],
    [2 ** 53 - 2, '00000000feffffffffff1f00']
  ])('%i is written %s', (counter, expected) => {
    let used = ''
    const spy = (nonce: Uint8Array): Uint8Array => {
      used = Array.from(nonce, byte => byte.toString(16).padStart(2, '0')).join('')
      return nonce
    }
    const state = new CipherState({ ...nobleCrypto.cipherKey(key), seal: spy }, counter)
    state.seal(new Uint8Array(1))
    expect(used).toBe(expected)
  })

  it('end before one could come twice', () => {
    const state = cipher(defaultCrypto, nonceLimit - 1)
    state.seal(new Uint8Array(1))
    for (let i = 0; i < 2; i++) {
      expect(() => state.seal(new Uint8Array(1))).toThrow(
        expect.objectContaining({ name: 'NoiseError', code: 'ERR_NOISE_NONCE_EXHAUSTED' })
      )
    }
  })

  it('are used up by a message that fails', () => {
    const [send, receive] = [cipher(), cipher()]
    const first = send.seal(new Uint8Array(1))
    expect(() => receive.open(new Uint8Array(17))).toThrow(expect.objectContaining({ code: 'ERR_NOISE_TAG' }))
    expect(() => receive.open(first)).toThrow(expect.objectContaining({ code: 'ERR_NOISE_TAG' }))
  })
})

// Node 20 cannot detach a buffer without copying it.
describe.runIf(isTuned && 'transfer' in ArrayBuffer.prototype)('a reader that owns its chunks', () => {
  const plaintext = pattern(150_000)
  const sealed = sealAll(cipher(), queueOf(plaintext))

  it('opens the same, wherever chunks begin and end', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }), sizes => {
        const reader = new RecordReader(cipher(), true)
        const out: Uint8Array[] = []
        for (let at = 0, i = 0; at < sealed.byteLength; i++) {
          const size = sizes[i % sizes.length]!
          reader.read(sealed.slice(at, at + size), bytes => out.push(bytes))
          at += size
        }
        expect(equals(concat(out), plaintext)).toBe(true)
      }),
      { numRuns: 30 }
    )
  })

  it('gives back the memory of a chunk when its last record is open, not before', () => {
    const reader = new RecordReader(cipher(), true)
    const [first, second] = [sealed.slice(0, 100_000), sealed.slice(100_000)]
    reader.read(first, () => {})
    expect(first.byteLength).toBe(100_000)
    reader.read(second, () => {})
    expect([first.byteLength, second.byteLength]).toEqual([0, 0])
  })

  it('leaves the buffers of others', () => {
    const chunk = sealed.slice()
    new RecordReader(cipher()).read(chunk, () => {})
    expect(chunk.byteLength).toBe(sealed.byteLength)
  })
})
