import { compare } from '@weft/bytes'

/** The items whose hashes are nearest to a hash, by XOR as in kad-dht, nearest first. */
export function closest<T>(
  items: readonly T[],
  target: Uint8Array,
  hashOf: (item: T) => Uint8Array,
  count: number
): T[] {
  return items
    .map(item => ({ item, distance: hashOf(item).map((byte, i) => byte ^ (target[i] ?? 0)) }))
    .toSorted((a, b) => compare(a.distance, b.distance))
    .slice(0, count)
    .map(({ item }) => item)
}
