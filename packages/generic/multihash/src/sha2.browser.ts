import { sha256, sha512 } from '@noble/hashes/sha2.js'

/** SHA2-256, 32 bytes. */
export function sha2256(input: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(input)
}

/** SHA2-512, 64 bytes. */
export function sha2512(input: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha512(input)
}
