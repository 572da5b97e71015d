import type { Multiaddr } from '@multiformats/multiaddr'
import type { NodeAddress } from '@weft/interface-node'
import { isLinkLocal, isPrivate, multiaddr } from '@weft/multiaddr'
import { confirm, setBounded, unverified, type Verification } from './verification.ts'

/** Addresses at which peers say they see this node. What a peer says counts for nothing until it is verified. */
export class ObservedAddresses {
  private readonly _addresses = new Map<string, Verification>()
  private readonly _max: number

  constructor(max: number) {
    this._max = max
  }

  get size(): number {
    return this._addresses.size
  }

  has(ma: Multiaddr): boolean {
    return this._addresses.has(ma.toString())
  }

  /** Ignored once there are `max`, so that peers cannot push verified ones out, and where it is not public. */
  add(ma: Multiaddr): void {
    if (this._addresses.size >= this._max || isPrivate(ma) || isLinkLocal(ma)) return
    if (!this.has(ma)) this._addresses.set(ma.toString(), unverified())
  }

  getAll(): NodeAddress[] {
    return Array.from(this._addresses, ([text, entry]) => ({ multiaddr: multiaddr(text), type: 'observed', ...entry }))
  }

  /** Returns whether it was verified. */
  remove(ma: Multiaddr): boolean {
    const verified = this._addresses.get(ma.toString())?.verified ?? false
    this._addresses.delete(ma.toString())
    return verified
  }

  removePrefixed(prefix: string): void {
    for (const text of this._addresses.keys()) {
      if (text === prefix || text.startsWith(`${prefix}/`)) this._addresses.delete(text)
    }
  }

  /** Returns whether it was verified before. The user's word counts even where nobody reported the address. */
  confirm(ma: Multiaddr, ttl: number): boolean {
    const entry = this._addresses.get(ma.toString()) ?? unverified()
    const before = confirm(entry, ttl)
    if (this._max > 0) setBounded(this._addresses, ma.toString(), entry, this._max)
    return before
  }
}
