import type { PeerId } from '@libp2p/interface'

/** Peers whose connections are not pruned, each for one or more reasons: that of one user does not end that of another. */
export class Protection {
  readonly #tags = new Map<string, Set<string>>()

  protect(peer: PeerId, tag: string): void {
    const key = peer.toString()
    const tags = this.#tags.get(key)
    if (tags === undefined) this.#tags.set(key, new Set([tag]))
    else tags.add(tag)
  }

  /** Whether the peer is still protected, for other reasons. */
  unprotect(peer: PeerId, tag: string): boolean {
    const key = peer.toString()
    const tags = this.#tags.get(key)
    tags?.delete(tag)
    if (tags?.size === 0) this.#tags.delete(key)
    return this.#tags.has(key)
  }

  isProtected(peer: PeerId, tag?: string): boolean {
    const tags = this.#tags.get(peer.toString())
    return tags !== undefined && (tag === undefined || tags.has(tag))
  }
}
