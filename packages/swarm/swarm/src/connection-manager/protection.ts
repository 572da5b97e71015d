import type { PeerId } from '@libp2p/interface'

/** Peers whose connections are not pruned, each for one or more reasons: that of one user does not end that of another. */
export class Protection {
  private readonly _tags = new Map<string, Set<string>>()

  protect(peer: PeerId, tag: string): void {
    const key = peer.toString()
    const tags = this._tags.get(key)
    if (tags === undefined) this._tags.set(key, new Set([tag]))
    else tags.add(tag)
  }

  /** Whether the peer is still protected, for other reasons. */
  unprotect(peer: PeerId, tag: string): boolean {
    const key = peer.toString()
    const tags = this._tags.get(key)
    tags?.delete(tag)
    if (tags?.size === 0) this._tags.delete(key)
    return this._tags.has(key)
  }

  isProtected(peer: PeerId, tag?: string): boolean {
    const tags = this._tags.get(peer.toString())
    return tags !== undefined && (tag === undefined || tags.has(tag))
  }
}
