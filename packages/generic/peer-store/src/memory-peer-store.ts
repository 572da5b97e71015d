import type { AbortOptions, Peer, PeerId, PeerQuery } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import { BasePeerStore, type Guard } from './base-peer-store.ts'
import { applyUpdate, type Update } from './core/apply.ts'
import { type Entry, isExpired, toPeer } from './core/entry.ts'
import { select } from './core/query.ts'
import { checkPeerId } from './core/validate.ts'

/** Peers in memory. Each update happens at once, so there is nothing to lock and nothing to decode. */
export class MemoryPeerStore extends BasePeerStore {
  // By the id's text; the peer that was updated last is the last.
  readonly #entries = new Map<string, Entry>()

  override async all(query: PeerQuery = {}): Promise<Peer[]> {
    throwIfAborted(query.signal)
    const now = Date.now()
    const peers: Peer[] = []
    for (const [key, entry] of this.#entries) {
      if (this.self.equals(entry.id)) continue
      const ages = this.agesOf(entry.id)
      if (isExpired(entry, ages, now)) this.#entries.delete(key)
      else peers.push(toPeer(entry, ages, now))
    }
    return select(peers, query)
  }

  override async delete(id: PeerId, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    if (!this.self.equals(id)) this.#entries.delete(id.toString())
  }

  protected override read(id: PeerId, now: number): Entry | undefined {
    checkPeerId(id)
    const key = id.toString()
    const entry = this.#entries.get(key)
    if (entry === undefined || !isExpired(entry, this.agesOf(id), now)) return entry
    this.#entries.delete(key)
    return undefined
  }

  protected override write(update: Update, _options?: AbortOptions, guard?: Guard): Peer | undefined {
    const now = Date.now()
    const { id } = update
    const previous = this.read(id, now)
    if (guard?.(previous) === false) return undefined
    const entry = applyUpdate(update, previous, this.agesOf(id), now)
    const key = id.toString()
    if (!this.#entries.delete(key) && this.#entries.size >= this.maxPeers) this.#evict(now)
    this.#entries.set(key, entry)
    return this.changed(entry, previous, now)
  }

  /** A protected peer that is passed over goes to the end, so that it is not looked at again at once. */
  #evict(now: number): void {
    for (let left = this.#entries.size; left > 0; left--) {
      const [key, entry] = this.#entries.entries().next().value!
      this.#entries.delete(key)
      if (isExpired(entry, this.agesOf(entry.id), now) || !this.isProtected(entry, now)) return
      this.#entries.set(key, entry)
    }
    // All are protected, and the bound holds even so.
    for (const [key, entry] of this.#entries) {
      if (this.self.equals(entry.id)) continue
      this.#entries.delete(key)
      return
    }
  }
}
