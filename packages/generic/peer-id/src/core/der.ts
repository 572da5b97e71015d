/** The part of ASN.1 DER (X.690) that keys and ECDSA signatures need. Only the one canonical form is read. */
import { concat } from '@weft/bytes'

export const derInteger = 0x02
export const derBitString = 0x03
export const derOctetString = 0x04
export const derSequence = 0x30

/** Bytes are not DER. It stays in this package: callers put it into their own error as the cause. */
export class DerError extends Error {}

/** Reads one value after the other. */
export class DerReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The content of the next value, which must have this tag. */
  read(tag: number): Uint8Array {
    const bytes = this.#bytes
    if (bytes[this.#at] !== tag) throw new DerError(`tag ${tag} expected at ${this.#at}`)
    const [start, length] = readLength(bytes, this.#at + 1)
    // Nothing is taken before the announced length is known to be there.
    if (length > bytes.byteLength - start) throw new DerError(`value at ${this.#at} is cut off`)
    this.#at = start + length
    return bytes.subarray(start, this.#at)
  }

  /** The next value, a positive integer: big-endian, without a leading zero. */
  readPositive(): Uint8Array {
    const content = this.read(derInteger)
    if (content.byteLength === 0 || content[0]! >= 0x80) throw new DerError('integer is negative or empty')
    if (content[0] !== 0) return content
    if (content.byteLength === 1) return content
    if (content[1]! < 0x80) throw new DerError('integer has a needless zero')
    return content.subarray(1)
  }

  /** Throws if anything follows. */
  end(): void {
    if (this.#at !== this.#bytes.byteLength) throw new DerError('bytes follow the value')
  }
}

/** Tag, length and content. */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
  return concat([Uint8Array.of(tag, ...lengthBytes(length)), ...parts])
}

/** The INTEGER of a big-endian positive number of any width. */
export function derPositive(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const trimmed = trimZeros(bytes)
  return trimmed.byteLength === 0 || trimmed[0]! >= 0x80
    ? der(derInteger, Uint8Array.of(0), trimmed)
    : der(derInteger, trimmed)
}

/** Without leading zeros. */
function trimZeros(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.byteLength && bytes[start] === 0) start++
  return bytes.subarray(start)
}

function readLength(bytes: Uint8Array, at: number): [start: number, length: number] {
  const first = bytes[at]
  if (first === undefined) throw new DerError('length is cut off')
  if (first < 0x80) return [at + 1, first]
  const count = first & 0x7f
  // No key needs more than two length bytes; four keep the arithmetic exact.
  if (count === 0 || count > 4 || at + count >= bytes.byteLength) throw new DerError('length is of no DER form')
  let length = 0
  for (let i = 1; i <= count; i++) length = length * 256 + bytes[at + i]!
  if (length < 0x80 || bytes[at + 1] === 0) throw new DerError('length is not minimal')
  return [at + 1 + count, length]
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}
