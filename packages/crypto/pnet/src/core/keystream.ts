/** XSalsa20 as a stream: bytes are combined with its keystream wherever the cuts between them fall. */
import { hsalsa, salsa20 } from '@noble/ciphers/salsa.js'
import { fromUtf8 } from '@weft/bytes'
import { PnetError } from '../errors.ts'
import { salsaBlock } from './salsa-block.ts'

/** Bytes of a nonce. */
export const nonceLength = 24

const blockLength = 64
// The library counts blocks in 32 bits, and does not use the last one: 256 GiB less a block. What follows is slower.
const libraryBlocks = 2 ** 32 - 1
// Positions are exact up to here, which at 10 GB/s are ten days.
const maxLength = Number.MAX_SAFE_INTEGER

const sigma = words(fromUtf8('expand 32-byte k'))

/** The keystream of one direction of a connection. */
export class Keystream {
  readonly #key: Uint8Array
  readonly #nonce: Uint8Array
  #position: number

  /** From `position`, in bytes. */
  constructor(key: Uint8Array, nonce: Uint8Array, position: number = 0) {
    // Once for a connection, where the library's own XSalsa20 would do it for each chunk.
    const derived = new Uint32Array(8)
    hsalsa(sigma, words(key), words(nonce.subarray(0, 16)), derived)
    this.#key = new Uint8Array(derived.buffer)
    this.#nonce = new Uint8Array(nonce.subarray(16))
    this.#position = position
  }

  /**
   * The next bytes, combined with the keystream, in memory that nobody else has. `chunks` are `length` bytes together.
   * Throws `PnetError` where the keystream ends.
   */
  apply(chunks: Iterable<Uint8Array>, length: number): Uint8Array {
    if (length > maxLength - this.#position) {
      throw new PnetError('ERR_PNET_EXHAUSTED', `a connection carries at most ${maxLength} bytes each way`)
    }
    // Blocks are whole to the library: the part of the first one that is used up is gone over again, and cut off.
    const used = this.#position % blockLength
    const bytes = new Uint8Array(used + length)
    let at = used
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.byteLength
    }
    const first = (this.#position - used) / blockLength
    const fast = Math.max(0, Math.min(bytes.byteLength, (libraryBlocks - first) * blockLength))
    if (fast > 0) salsa20(this.#key, this.#nonce, bytes.subarray(0, fast), bytes.subarray(0, fast), first)
    if (fast < bytes.byteLength) this.#applyBlocks(bytes.subarray(fast), first + fast / blockLength)
    this.#position += length
    return bytes.subarray(used)
  }

  /** In place, from the beginning of block `first`. */
  #applyBlocks(bytes: Uint8Array, first: number): void {
    const [key, nonce] = [words(this.#key), words(this.#nonce)]
    for (let at = 0; at < bytes.byteLength; at += blockLength) {
      const block = salsaBlock(sigma, key, nonce, first + at / blockLength)
      const end = Math.min(bytes.byteLength, at + blockLength)
      for (let i = at; i < end; i++) bytes[i]! ^= block[i - at]!
    }
  }
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer)
}
