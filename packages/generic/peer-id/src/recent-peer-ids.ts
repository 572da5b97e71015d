import type { PeerId } from '@libp2p/interface'
import { equals } from '@weft/bytes'

/** Places; a power of two. With as many peers at once, two ids of three find theirs. */
const places = 1_024
const recent: Array<PeerId | undefined> = []

/** The place of an id: its last bytes, which are of a hash or a key, are as good as random. */
function placeOf(bytes: Uint8Array): number {
  return ((bytes.at(-2) ?? 0) * 256 + (bytes.at(-1) ?? 0)) % places
}

/**
 * The peer id of these bytes, if it was the last one of its place to be made. A peer that is dialed by its address each
 * time is one object then, with its text, which takes base58 16 µs, made once. Whoever sends ids that fall on the place
 * of another takes that away, and no more.
 */
export function recentPeerId(bytes: Uint8Array): PeerId | undefined {
  const found = recent[placeOf(bytes)]
  return found !== undefined && equals(found.toMultihash().bytes, bytes) ? found : undefined
}

/** Keeps an id, which has its own copy of the bytes, in its place. */
export function keepPeerId(peerId: PeerId): PeerId {
  // At once as long as it will be: an array with holes in it is slow.
  if (recent.length === 0) recent.push(...Array.from({ length: places }, () => undefined))
  recent[placeOf(peerId.toMultihash().bytes)] = peerId
  return peerId
}
