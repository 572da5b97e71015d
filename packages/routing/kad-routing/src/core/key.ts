/** Places in the key space, and how far they are from one another (libp2p/specs, kad-dht, "Distance"). */
import { sha256 } from '@weft/multihash'

/** Bits of a place. */
export const keyBits = 256

/** A place in the key space, 32 bytes. Made once for each peer and key, and kept. */
export type KadKey = Uint8Array<ArrayBuffer>

/** The place of a peer (of the bytes of its id's multihash) or of a key, as it is on the wire. */
export function placeOf(bytes: Uint8Array): KadKey {
  return sha256.encode(bytes) as KadKey
}

/** Below 0 where `a` is closer to `target` than `b`, above 0 where it is further away. 0 only for equal places. */
export function compareDistance(target: KadKey, a: KadKey, b: KadKey): number {
  for (let i = 0; i < target.length; i++) {
    const difference = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!)
    if (difference !== 0) return difference
  }
  return 0
}

/** How many bits two places have in common at their beginning: 0 to 256. */
export function commonPrefix(a: KadKey, b: KadKey): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! ^ b[i]!
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return keyBits
}
