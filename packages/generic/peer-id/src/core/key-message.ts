/**
 * The `PublicKey` and `PrivateKey` messages of specs/peer-ids, "Keys". The specification asks for one encoding: both
 * fields, in tag order, minimal varints, nothing else. So a message has one layout, and any other is refused:
 *
 *     08 <type> 12 <length> <data>
 */
import type { KeyType } from '@libp2p/interface'
import { decodeVarint, varintLength, writeVarint } from '@weft/bytes'

const types: readonly KeyType[] = ['RSA', 'Ed25519', 'secp256k1', 'ECDSA']
const typeTag = 0x08
const dataTag = 0x12

export interface KeyMessage {
  /** `undefined` for a number that stands for no known type. */
  type: KeyType | undefined
  /** A view of what was decoded. */
  data: Uint8Array
}

export function encodeKeyMessage(type: KeyType, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = 3 + varintLength(data.byteLength)
  const out = new Uint8Array(head + data.byteLength)
  out[0] = typeTag
  out[1] = types.indexOf(type)
  out[2] = dataTag
  writeVarint(data.byteLength, out, 3)
  out.set(data, head)
  return out
}

/** `undefined` where the bytes are not of the one layout. */
export function decodeKeyMessage(bytes: Uint8Array): KeyMessage | undefined {
  if (bytes[0] !== typeTag || bytes[2] !== dataTag) return undefined
  const type = bytes[1]!
  if (type >= 0x80) return undefined
  let length: number
  try {
    length = decodeVarint(bytes, 3)
  } catch {
    return undefined
  }
  const start = 3 + varintLength(length)
  if (bytes.byteLength - start !== length) return undefined
  return { type: types[type], data: bytes.subarray(start) }
}
