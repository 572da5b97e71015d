import { InvalidParametersError } from '@weft/errors'
import type { SyncMultihashHasher } from 'multiformats'
import { sha2256, sha2512 } from '#sha2'
import { createMultihash, onArrayBuffer } from './multihash.ts'

/** Fewer than 160 bits do not resist a collision search. */
const minDigestLength = 20

/** SHA2-256 (FIPS 180-4), synchronous on every platform. `encode` returns the bare digest, `digest` the multihash. */
export const sha256: SyncMultihashHasher<0x12> = hasher('sha2-256', 0x12, sha2256, minDigestLength)

/** SHA2-512 (FIPS 180-4). */
export const sha512: SyncMultihashHasher<0x13> = hasher('sha2-512', 0x13, sha2512, minDigestLength)

/** The identity function: the digest is the input. For small public data, such as Ed25519 keys in peer ids. */
export const identity: SyncMultihashHasher<0x00> = hasher('identity', 0x00, onArrayBuffer, 0)

function hasher<Code extends number>(
  name: string,
  code: Code,
  encode: (input: Uint8Array) => Uint8Array<ArrayBuffer>,
  minimum: number
): SyncMultihashHasher<Code> {
  return {
    name,
    code,
    encode,
    digest(input, options) {
      const whole = encode(input)
      const length = options?.truncate ?? whole.byteLength
      if (!Number.isInteger(length) || length < minimum || length > whole.byteLength) {
        throw new InvalidParametersError(`truncate is ${length}, ${name} takes ${minimum} to ${whole.byteLength}`)
      }
      return createMultihash(code, whole.subarray(0, length))
    }
  }
}
