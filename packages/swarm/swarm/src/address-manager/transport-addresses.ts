import type { Multiaddr } from '@multiformats/multiaddr'
import type { NodeAddress } from '@weft/interface-node'
import { isPrivate, tryGetNetConfig } from '@weft/multiaddr'
import { confirm, setBounded, unconfirm, unverified, type Verification } from './verification.ts'

// Listeners on 0.0.0.0 have an address for each interface, and ports change with each start.
const maxTransportAddresses = 1024

/** What is known of the addresses that listeners report. */
export class TransportAddresses {
  private readonly _entries = new Map<string, Verification>()

  /** How many there are. */
  get size(): number {
    return this._entries.size
  }

  /** A private address needs no verification: peers at which it makes sense can reach it. */
  get(ma: Multiaddr, ttl: number): NodeAddress {
    if (isPrivate(ma)) {
      const now = Date.now()
      return { multiaddr: ma, type: 'transport', verified: true, expires: now + ttl, lastVerified: now }
    }
    const key = keyOf(ma)
    let entry = this._entries.get(key)
    if (entry === undefined) {
      // Not an address of a network: memory, or a relay's, which answered a moment ago.
      entry = { verified: tryGetNetConfig(ma) === undefined, expires: 0 }
      setBounded(this._entries, key, entry, maxTransportAddresses)
    }
    return { multiaddr: ma, type: 'transport', ...entry }
  }

  has(ma: Multiaddr): boolean {
    return this._entries.has(keyOf(ma))
  }

  confirm(ma: Multiaddr, ttl: number): boolean {
    const entry = this._entries.get(keyOf(ma)) ?? unverified()
    setBounded(this._entries, keyOf(ma), entry, maxTransportAddresses)
    return confirm(entry, ttl)
  }

  unconfirm(ma: Multiaddr, retry: number): boolean {
    const entry = this._entries.get(keyOf(ma))
    return entry !== undefined && unconfirm(entry, retry)
  }
}

/** Protocols over one socket are reachable together. */
function keyOf(ma: Multiaddr): string {
  const config = tryGetNetConfig(ma)
  return config === undefined ? ma.toString() : `${config.host}-${config.port}-${config.protocol}`
}
