/**
 * The bytes of a key file: format (1), log2 of scrypt's N (1), r (1), p (1), salt (16), nonce (12), then the sealed key
 * with the tag of AES-256-GCM behind it. Everything before the nonce, and the key's name, are under the tag.
 */
import { concat, fromUtf8 } from '@weft/bytes'

/** The one format there is. */
const keyFormat = 1

/** Lengths, bytes. */
export const saltLength = 16
export const nonceLength = 12
export const tagLength = 16
const headerLength = 4 + saltLength

/** scrypt's cost: N = 2^logN, r, p (RFC 7914). */
export interface ScryptCost {
  /** log2 of the cost N, 10 to 18. */
  readonly logN: number
  /** Block size, 1 to 8. */
  readonly r: number
  /** Parallelism, 1 to 4. */
  readonly p: number
}

/** 64 MiB and about 0.2 s: the OWASP minimum's neighbour, felt once an opening, and by a guesser at each guess. */
export const defaultCost: ScryptCost = { logN: 16, r: 8, p: 1 }

// A file that was written by others may not ask for more: 256 MiB.
const maxLogN = 18
const maxR = 8
const maxP = 4

export interface KeyFile {
  readonly cost: ScryptCost
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  /** The sealed key and its tag. */
  readonly sealed: Uint8Array
}

export function encodeKeyFile({ cost, salt, nonce, sealed }: KeyFile): Uint8Array {
  return concat([header(cost, salt), nonce, sealed])
}

/** `undefined` where the bytes are no key file, or ask for more work than ours ever do. */
export function decodeKeyFile(bytes: Uint8Array): KeyFile | undefined {
  if (bytes.length < headerLength + nonceLength + tagLength || bytes[0] !== keyFormat) return undefined
  const cost = { logN: bytes[1]!, r: bytes[2]!, p: bytes[3]! }
  const fits = cost.logN >= 1 && cost.logN <= maxLogN && cost.r >= 1 && cost.r <= maxR && cost.p >= 1 && cost.p <= maxP
  if (!fits) return undefined
  return {
    cost,
    salt: bytes.subarray(4, headerLength),
    nonce: bytes.subarray(headerLength, headerLength + nonceLength),
    sealed: bytes.subarray(headerLength + nonceLength)
  }
}

/** What is under the tag beside the key: so a file of one name does not pass for another's. */
export function associatedData(cost: ScryptCost, salt: Uint8Array, name: string): Uint8Array {
  return concat([header(cost, salt), fromUtf8(name)])
}

function header({ logN, r, p }: ScryptCost, salt: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(keyFormat, logN, r, p), salt])
}
