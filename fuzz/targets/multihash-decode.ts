import { equals } from '@weft/bytes'
import { decodeMultihash, encodeMultihash } from '@weft/multihash'

export const name = 'multihash-decode'

/** Any input is a multihash, which is written as the same bytes, or fails with InvalidMultihashError. */
export function fuzz(input: Uint8Array): void {
  let multihash: ReturnType<typeof decodeMultihash>
  try {
    multihash = decodeMultihash(input)
  } catch (error) {
    if ((error as Error).name !== 'InvalidMultihashError') throw error
    return
  }
  if (multihash.size > 128) throw new Error('digest is longer than the limit')
  if (!equals(encodeMultihash(multihash.code, multihash.digest), input)) throw new Error('written as other bytes')
}
