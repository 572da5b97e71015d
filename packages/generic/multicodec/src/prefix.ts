/** Bytes prefixed with the code of their codec as a varint (multiformats/multicodec, "Specification"). */
import { decodeVarint, measureVarint, varintLength, writeVarint } from '@weft/bytes'
import { MulticodecError } from './errors.ts'
import { codeOf } from './table.ts'

/** The result of `readPrefix`. */
export interface Prefixed {
  /** 0 to 2^53-1. It need not be in the table. */
  code: number
  /** A view of the bytes after it. */
  rest: Uint8Array
}

/** Prefixes `bytes` with a codec, given by name or code. Throws `MulticodecError`. */
export function addPrefix(codec: string | number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const code = typeof codec === 'string' ? codeOf(codec) : codec
  if (code === undefined) throw new MulticodecError('ERR_MULTICODEC_UNKNOWN', `no codec has the name ${codec}`)
  if (!Number.isSafeInteger(code) || code < 0) {
    throw new MulticodecError('ERR_MULTICODEC_CODE', `a code is an integer of 0 to 2^53-1, not ${code}`)
  }
  const out = new Uint8Array(varintLength(code) + bytes.byteLength)
  out.set(bytes, writeVarint(code, out, 0))
  return out
}

/** The code at the start of `bytes` and the bytes after it. Throws `MulticodecError`. */
export function readPrefix(bytes: Uint8Array): Prefixed {
  try {
    return { code: decodeVarint(bytes), rest: bytes.subarray(measureVarint(bytes)) }
  } catch (cause) {
    throw new MulticodecError('ERR_MULTICODEC_PREFIX', 'bytes do not begin with the code of a codec', cause)
  }
}

/** The bytes after the code, as a view. Throws `MulticodecError`. */
export function removePrefix(bytes: Uint8Array): Uint8Array {
  return readPrefix(bytes).rest
}
