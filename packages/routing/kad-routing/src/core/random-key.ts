/** Keys whose place lies in a wanted bucket: how regions that nobody asked about are explored. */
import { commonPrefix, type KadKey, placeOf } from './key.ts'

/** Deepest bucket for which a key is searched: each further bit doubles the hashes. 2^12 peers of k = 20 fill twelve buckets. */
export const maxSearchedPrefix = 12

const keyLength = 32
// Eight times the expected tries at the deepest: one search of three thousand fails there, and explores elsewhere.
const maxTries = 8 * 2 ** (maxSearchedPrefix + 1)

/**
 * A key whose place has exactly `prefix` bits in common with `self`. It is random beyond that, so that nobody can wait there.
 *
 * @param random - fills what it is given
 */
export function keyInBucket(
  self: KadKey,
  prefix: number,
  random: (bytes: Uint8Array<ArrayBuffer>) => void
): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(keyLength)
  random(key)
  const counter = new DataView(key.buffer)
  for (let i = 0; i < maxTries; i++) {
    if (commonPrefix(self, placeOf(key)) === prefix) return key
    counter.setUint32(0, counter.getUint32(0) + 1)
  }
  return key
}
