/**
 * Unsigned varints (multiformats/unsigned-varint): seven bits a byte, least significant first; at most nine bytes, so
 * values to 2^63-1; the minimal form only.
 */
import { VarintError } from './errors.ts'

/** Bytes in the longest varint. */
export const maxVarintLength = 9

const maxValue = 2n ** 63n - 1n

/** Encoded length of `value`, in bytes. Throws `VarintError` unless it is an integer of 0 to 2^53-1. */
export function varintLength(value: number): number {
  checkNumber(value)
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}

/**
 * Writes `value` at `offset` and returns the offset after it. The caller must provide enough room (`varintLength`);
 * bytes that do not fit are lost, as in any typed array.
 */
export function writeVarint(value: number, target: Uint8Array, offset: number): number {
  checkNumber(value)
  let rest = value
  let at = offset
  // Bit operators would wrap beyond 31 bits.
  while (rest > 0x7fffffff) {
    target[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[at++] = rest
  return at
}

/** Encodes a number of 0 to 2^53-1, or a bigint of 0 to 2^63-1. */
export function encodeVarint(value: number | bigint): Uint8Array<ArrayBuffer> {
  if (typeof value === 'bigint') return encodeBig(value)
  const bytes = new Uint8Array(varintLength(value))
  writeVarint(value, bytes, 0)
  return bytes
}

/**
 * Length of the varint at `offset`, or 0 if it is incomplete. Throws `VarintError` if no further byte could make it
 * valid.
 */
export function measureVarint(bytes: Uint8Array, offset: number = 0): number {
  for (let length = 1; length <= maxVarintLength; length++) {
    const byte = bytes[offset + length - 1]
    if (byte === undefined) return 0
    if (byte >= 0x80) continue
    if (byte === 0 && length > 1) throw new VarintError('ERR_VARINT_NOT_MINIMAL', 'varint is not in its shortest form')
    return length
  }
  throw new VarintError('ERR_VARINT_TOO_LONG', `varint is longer than ${maxVarintLength} bytes`)
}

/**
 * The value of the varint at `offset`. Throws `VarintError`: truncated, too long, not minimal, or above 2^53-1, where a
 * number would not be exact (`decodeBigVarint` reads those).
 */
export function decodeVarint(bytes: Uint8Array, offset: number = 0): number {
  const length = measureWhole(bytes, offset)
  let value = 0
  let scale = 1
  for (let i = 0; i < length; i++) {
    value += (bytes[offset + i]! & 0x7f) * scale
    scale *= 0x80
  }
  if (value > Number.MAX_SAFE_INTEGER) throw new VarintError('ERR_VARINT_RANGE', 'varint is above 2^53-1')
  return value
}

/** The value of the varint at `offset`, to 2^63-1. Throws `VarintError` as `decodeVarint`. */
export function decodeBigVarint(bytes: Uint8Array, offset: number = 0): bigint {
  const length = measureWhole(bytes, offset)
  let value = 0n
  for (let i = length - 1; i >= 0; i--) value = (value << 7n) | BigInt(bytes[offset + i]! & 0x7f)
  return value
}

function measureWhole(bytes: Uint8Array, offset: number): number {
  const length = measureVarint(bytes, offset)
  if (length === 0) throw new VarintError('ERR_VARINT_TRUNCATED', 'varint ends before its last byte')
  return length
}

function encodeBig(value: bigint): Uint8Array<ArrayBuffer> {
  if (value < 0n || value > maxValue) throw new VarintError('ERR_VARINT_RANGE', 'a varint holds 0 to 2^63-1')
  const out: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80)
  out.push(Number(rest))
  return Uint8Array.from(out)
}

function checkNumber(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new VarintError('ERR_VARINT_RANGE', `a varint holds an integer of 0 to 2^53-1, not ${value}`)
  }
}
