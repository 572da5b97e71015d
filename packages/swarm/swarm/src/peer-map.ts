import type { PeerId } from '@libp2p/interface'
import type { PeerMap } from '@weft/interface-node'

/** A map whose keys are peers, compared by their id: two objects of one peer are one key. */
export class DefaultPeerMap<T> implements PeerMap<T> {
  private readonly _entries = new Map<string, { peer: PeerId; value: T }>()

  get size(): number {
    return this._entries.size
  }

  get(peer: PeerId): T | undefined {
    return this._entries.get(peer.toString())?.value
  }

  has(peer: PeerId): boolean {
    return this._entries.has(peer.toString())
  }

  set(peer: PeerId, value: T): void {
    this._entries.set(peer.toString(), { peer, value })
  }

  delete(peer: PeerId): boolean {
    return this._entries.delete(peer.toString())
  }

  clear(): void {
    this._entries.clear()
  }

  *entries(): IterableIterator<[PeerId, T]> {
    for (const { peer, value } of this._entries.values()) yield [peer, value]
  }

  *keys(): IterableIterator<PeerId> {
    for (const { peer } of this._entries.values()) yield peer
  }

  *values(): IterableIterator<T> {
    for (const { value } of this._entries.values()) yield value
  }

  [Symbol.iterator](): IterableIterator<[PeerId, T]> {
    return this.entries()
  }
}
