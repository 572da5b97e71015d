/**
 * ChaCha20-Poly1305 in WebAssembly, for what is so small that a call of `node:crypto` costs more than its cipher:
 * it makes an object for each, and finds its code cold when a process has just woken up for a message.
 */
import { ChaCha20Poly1305, newInstance } from '@chainsafe/as-chacha20poly1305'
import { prefixLength, tagLength, writePrefix } from './core/constants.ts'

// One for all channels: key, nonce and data are set on each call, which nothing interrupts. Made when it is first used.
let shared: ChaCha20Poly1305 | undefined
const cipher = (): ChaCha20Poly1305 => (shared ??= new ChaCha20Poly1305(newInstance()))

/** Ciphertext and tag of one field of a handshake, whose associated data are 32 bytes at most. */
export function sealField(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return cipher().seal(key, nonce, plaintext, ad)
}

/** The plaintext of such a field, or `undefined` if the tag is wrong. */
export function openField(
  key: Uint8Array,
  nonce: Uint8Array,
  ad: Uint8Array,
  ciphertext: Uint8Array
): Uint8Array | undefined {
  return cipher().open(key, nonce, ciphertext, ad) ?? undefined
}

/** A whole record: length prefix, ciphertext, tag. Its memory is of Node's pool, which costs less than some of its own. */
export function sealSmall(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const length = plaintext.byteLength + tagLength
  const record = Buffer.allocUnsafe(prefixLength + length)
  writePrefix(length, record)
  cipher().seal(key, nonce, plaintext, undefined, record.subarray(prefixLength))
  return record
}

/**
 * The plaintext of a record, given its ciphertext and tag, or `undefined` if the tag is wrong. The tag is not compared in
 * constant time: a channel ends with its first wrong tag, so that nobody has a second guess under the same key and nonce to
 * learn from.
 */
export function openSmall(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  return cipher().open(key, nonce, ciphertext) ?? undefined
}
