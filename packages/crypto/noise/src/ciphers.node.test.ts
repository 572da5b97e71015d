import { concat, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultCrypto } from './crypto.node.ts'
import { nobleCrypto } from './crypto.noble.ts'
import { openSmall, sealSmall } from './small-records.ts'

const key = new Uint8Array(32).map((_, i) => i)
const nonce = new Uint8Array(12).fill(7)
const native = defaultCrypto.cipherKey(key)
const noble = nobleCrypto.cipherKey(key)

/** Bytes that begin anywhere in their memory. */
function at(offset: number, length: number, seed: number): Uint8Array {
  return new Uint8Array(offset + length).map((_, i) => i * 31 + seed).subarray(offset)
}

function sealed(seal: typeof native, parts: readonly Uint8Array[]): Uint8Array {
  const out: Uint8Array[] = []
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  seal.sealRecord(nonce, parts, length, out)
  return concat(out)
}

// Which of them a runtime takes is its own affair: Bun has no cipher of its own and takes WebAssembly for all sizes.
it('the three ciphers make and read the same records, of any size, wherever their bytes begin', () => {
  const length = fc.oneof(fc.nat(2_100), fc.nat(65_519), fc.constantFrom(0, 1_024, 1_025, 65_519))
  fc.assert(
    fc.property(length, fc.nat(7), fc.double({ min: 0, max: 1, noNaN: true }), (size, offset, share) => {
      const plaintext = at(offset, size, offset)
      const cut = Math.floor(size * share)
      const parts = [plaintext.subarray(0, cut), plaintext.subarray(cut)]
      const record = sealed(native, [plaintext])
      expect(toHex(sealed(noble, [plaintext]))).toBe(toHex(record))
      expect(toHex(sealed(noble, parts))).toBe(toHex(record))
      expect(toHex(sealSmall(key, nonce, plaintext))).toBe(toHex(record))

      const message = concat([new Uint8Array(offset), record.subarray(2)]).subarray(offset)
      const pieces = [message.subarray(0, cut), message.subarray(cut)]
      for (const opened of [
        noble.openRecord(nonce, [message]),
        noble.openRecord(nonce, pieces),
        [openSmall(key, nonce, message)]
      ]) {
        expect(toHex(concat(opened as Uint8Array[]))).toBe(toHex(plaintext))
      }
      message[cut]! ^= 1
      expect([noble.openRecord(nonce, [message]), openSmall(key, nonce, message)]).toEqual([undefined, undefined])
    }),
    { numRuns: 60 }
  )
})
