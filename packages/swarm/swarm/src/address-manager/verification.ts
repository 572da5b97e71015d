/** What is known of the reachability of an address. Times in ms since 1970. */
export interface Verification {
  verified: boolean
  /** When to verify again; 0 for at once. */
  expires: number
  lastVerified?: number
}

/** The last moment a date can name: an address that needs no verification. */
export const never: number = 8_640_000_000_000_000

export function unverified(): Verification {
  return { verified: false, expires: 0 }
}

/** Marks as verified for `ttl` ms. Returns whether it was already. */
export function confirm(entry: Verification, ttl: number): boolean {
  const before = entry.verified
  const now = Date.now()
  Object.assign(entry, { verified: true, expires: now + ttl, lastVerified: now })
  return before
}

/** Marks as not verified, to be tried again in `retry` ms. Returns whether it was verified. */
export function unconfirm(entry: Verification, retry: number): boolean {
  const before = entry.verified
  Object.assign(entry, { verified: false, expires: Date.now() + retry })
  return before
}

/** Sets a key of a map that holds at most `max`: the one that was added first makes room. */
export function setBounded<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  if (!map.has(key) && map.size >= max) {
    for (const oldest of map.keys()) {
      map.delete(oldest)
      break
    }
  }
  map.set(key, value)
}
