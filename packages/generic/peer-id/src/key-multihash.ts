import { sha256 } from '#signatures'
import { concat } from '@weft/bytes'
import type { MultihashDigest } from 'multiformats/hashes/interface'

export const identityCode = 0x00
export const sha256Code = 0x12

/** Bytes of a key message that stands in its id as it is; a longer one is hashed (specs/peer-ids, "Peer Ids"). */
export const maxInlinedKey = 42

/** A multihash of at most 127 bytes, kept as its bytes alone: a node holds thousands of ids. */
export class KeyMultihash<Code extends number> implements MultihashDigest<Code> {
  readonly code: Code
  readonly bytes: Uint8Array<ArrayBuffer>

  constructor(code: Code, bytes: Uint8Array<ArrayBuffer>) {
    this.code = code
    this.bytes = bytes
  }

  get size(): number {
    return this.bytes.byteLength - 2
  }

  get digest(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(2)
  }
}

/** The multihash of a key message that is short enough to be its own digest. */
export function identityMultihash(message: Uint8Array): KeyMultihash<0x0> {
  return new KeyMultihash(identityCode, concat([Uint8Array.of(identityCode, message.byteLength), message]))
}

/** The multihash of any other key message. */
export function sha256Multihash(message: Uint8Array): KeyMultihash<0x12> {
  return new KeyMultihash(sha256Code, concat([Uint8Array.of(sha256Code, 32), sha256(message)]))
}
