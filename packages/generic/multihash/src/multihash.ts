/**
 * A self-describing hash: the function's code as a varint, the length as a varint, the digest (multiformats/multihash).
 */
import { decodeVarint, measureVarint, varintLength, writeVarint } from '@weft/bytes'
import { InvalidMultihashError } from '@weft/errors'
import type { MultihashDigest } from 'multiformats'

/** Options of `decodeMultihash`. */
export interface DecodeMultihashOptions {
  /** Maximum length of the digest, in bytes. Default 128. */
  maxDigestLength?: number
}

/** Bytes of a digest: twice the longest in use, SHA2-512, which leaves room for small identity hashes such as keys. */
export const defaultMaxDigestLength = 128

/** Creates the multihash of a digest. Throws `InvalidMultihashError` unless the code is an integer of 0 to 2^53-1. */
export function createMultihash<Code extends number>(code: Code, digest: Uint8Array): MultihashDigest<Code> {
  if (!Number.isSafeInteger(code) || code < 0) throw new InvalidMultihashError(`${code} is no multihash code`)
  const size = digest.byteLength
  const bytes = new Uint8Array(varintLength(code) + varintLength(size) + size)
  const begin = writeVarint(size, bytes, writeVarint(code, bytes, 0))
  bytes.set(digest, begin)
  return { code, size, digest: bytes.subarray(begin), bytes }
}

/** The bytes of the multihash that `createMultihash` would create. */
export function encodeMultihash(code: number, digest: Uint8Array): Uint8Array<ArrayBuffer> {
  return createMultihash(code, digest).bytes
}

/**
 * Decodes a multihash, which must span all of `bytes`; its `bytes` and `digest` are views. The function may be unknown,
 * and the digest of a known one truncated. Throws `InvalidMultihashError`.
 */
export function decodeMultihash(
  bytes: Uint8Array,
  { maxDigestLength = defaultMaxDigestLength }: DecodeMultihashOptions = {}
): MultihashDigest {
  const [code, sizeAt] = readVarint(bytes, 0)
  const [size, begin] = readVarint(bytes, sizeAt)
  if (size > maxDigestLength) {
    throw new InvalidMultihashError(`digest of ${size} bytes, at most ${maxDigestLength} are accepted`)
  }
  const present = bytes.byteLength - begin
  if (present !== size) throw new InvalidMultihashError(`digest of ${size} bytes, but ${present} are there`)
  const own = onArrayBuffer(bytes)
  return { code, size, digest: own.subarray(begin), bytes: own }
}

function readVarint(bytes: Uint8Array, offset: number): [value: number, end: number] {
  try {
    return [decodeVarint(bytes, offset), offset + measureVarint(bytes, offset)]
  } catch (cause) {
    throw new InvalidMultihashError('bytes do not begin with two varints', { cause })
  }
}

/**
 * The contract does not allow shared memory, in which a digest could change after a comparison: only that is copied.
 */
export function onArrayBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes)
}
