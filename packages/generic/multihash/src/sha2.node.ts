import { hash } from 'node:crypto'

/** SHA2-256, 32 bytes. */
export function sha2256(input: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', input, 'buffer'))
}

/** SHA2-512, 64 bytes. */
export function sha2512(input: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha512', input, 'buffer'))
}
