/** The key under which providers of a content are kept: its multihash, however the content was named. */
import { decodeVarint, measureVarint } from '@weft/bytes'
import { decodeMultihash } from '@weft/multihash'
import { maxProviderKeyLength } from './limits.ts'

/**
 * The key of a provider record. A whole CIDv1 is normalised to its multihash, or those who ask by the multihash would not find
 * it; whatever else has 1 to 80 bytes is taken as it is. Undefined for what has not.
 */
export function providerKeyOf(key: Uint8Array | undefined): Uint8Array | undefined {
  if (key === undefined || key.byteLength === 0 || key.byteLength > maxProviderKeyLength) return undefined
  return multihashOfCid(key) ?? key
}

/** The bytes of the multihash in a CIDv1: version, codec, multihash. */
function multihashOfCid(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 1) return undefined
  try {
    const codecLength = measureVarint(bytes, 1)
    decodeVarint(bytes, 1)
    const multihash = bytes.subarray(1 + codecLength)
    return codecLength > 0 && decodeMultihash(multihash).size > 0 ? multihash : undefined
  } catch {
    return undefined
  }
}
