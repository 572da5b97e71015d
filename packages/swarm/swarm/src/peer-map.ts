import type { PeerId } from '@libp2p/interface'
import type { PeerMap } from './contracts.ts'

/** A map whose keys are peers, compared by their id: two objects of one peer are one key. */
export class DefaultPeerMap<T> implements PeerMap<T> {
  readonly #entries = new Map<string, { peer: PeerId; value: T }>()

  get size(): number {
    return this.#entries.size
  }

  get(peer: PeerId): T | undefined {
    return this.#entries.get(peer.toString())?.value
  }

  has(peer: PeerId): boolean {
    return this.#entries.has(peer.toString())
  }

  set(peer: PeerId, value: T): void {
    this.#entries.set(peer.toString(), { peer, value })
  }

  delete(peer: PeerId): boolean {
    return this.#entries.delete(peer.toString())
  }

  clear(): void {
    this.#entries.clear()
  }

  *entries(): IterableIterator<[PeerId, T]> {
    for (const { peer, value } of this.#entries.values()) yield [peer, value]
  }

  *keys(): IterableIterator<PeerId> {
    for (const { peer } of this.#entries.values()) yield peer
  }

  *values(): IterableIterator<T> {
    for (const { value } of this.#entries.values()) yield value
  }

  [Symbol.iterator](): IterableIterator<[PeerId, T]> {
    return this.entries()
  }
}
