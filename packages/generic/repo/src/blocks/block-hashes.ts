/** Whether bytes are what a CID names. */
import { equals } from '@weft/bytes'
import type { MultihashHasher } from 'multiformats'
import type { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sha256, sha512 } from 'multiformats/hashes/sha2'

/** The hash functions that are known without an option. */
export const defaultHashers: readonly MultihashHasher[] = [sha256, sha512, identity]

/** `unknown` where the CID's hash function is not among `hashers`. */
export async function checkBlock(
  cid: CID,
  bytes: Uint8Array,
  hashers: ReadonlyMap<number, MultihashHasher>
): Promise<'right' | 'wrong' | 'unknown'> {
  const hasher = hashers.get(cid.multihash.code)
  if (hasher === undefined) return 'unknown'
  const { digest } = await hasher.digest(bytes)
  // A truncated digest is that of its full length, cut.
  return equals(digest.subarray(0, cid.multihash.digest.length), cid.multihash.digest) ? 'right' : 'wrong'
}
