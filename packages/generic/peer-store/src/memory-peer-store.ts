import type { AbortOptions, Peer, PeerId, PeerQuery } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import { BasePeerStore, type Guard } from './base-peer-store.ts'
import { applyUpdate, type Update } from './core/apply.ts'
import { Budget } from './core/budget.ts'
import { type Entry, isExpired, toPeer } from './core/entry.ts'
import { select } from './core/query.ts'
import { sizeOf } from './core/size.ts'
import { checkPeerId } from './core/validate.ts'
import type { PeerStoreComponents, PeerStoreInit } from './init.ts'

/** Peers in memory. Each update happens at once, so there is nothing to lock and nothing to decode. */
export class MemoryPeerStore extends BasePeerStore {
  // By the id's text; the peer that was updated last is the last.
  private readonly _entries = new Map<string, Entry>()
  private readonly _budget: Budget

  constructor(components: PeerStoreComponents, init: PeerStoreInit) {
    super(components, init)
    this._budget = new Budget(this.maxBytes, components.resourceManager?.enterService('peerStore'))
  }

  override async all(query: PeerQuery = {}): Promise<Peer[]> {
    throwIfAborted(query.signal)
    const now = Date.now()
    const peers: Peer[] = []
    for (const [key, entry] of this._entries) {
      if (this.self.equals(entry.id)) continue
      const ages = this.agesOf(entry.id)
      if (isExpired(entry, ages, now)) this._forget(key, entry)
      else peers.push(toPeer(entry, ages, now))
    }
    return select(peers, query)
  }

  override async delete(id: PeerId, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    const key = id.toString()
    const entry = this._entries.get(key)
    if (entry !== undefined && !this.self.equals(id)) this._forget(key, entry)
  }

  protected override read(id: PeerId, now: number): Entry | undefined {
    checkPeerId(id)
    const key = id.toString()
    const entry = this._entries.get(key)
    if (entry === undefined || !isExpired(entry, this.agesOf(id), now)) return entry
    this._forget(key, entry)
    return undefined
  }

  protected override write(update: Update, _options?: AbortOptions, guard?: Guard): Peer | undefined {
    const now = Date.now()
    const { id } = update
    const previous = this.read(id, now)
    if (guard?.(previous) === false) return undefined
    const entry = applyUpdate(update, previous, this.agesOf(id), now)
    const key = id.toString()
    this._makeRoom(key, entry, previous, now)
    this._entries.delete(key)
    this._entries.set(key, entry)
    return this.changed(entry, previous, now)
  }

  private _makeRoom(key: string, entry: Entry, previous: Entry | undefined, now: number): void {
    const size = sizeOf(entry)
    this._budget.check(size)
    if (previous === undefined && this._entries.size >= this.maxPeers && !this._forgetOldest(key, now, false)) {
      // All are protected, and the bound holds even so.
      this._forgetOldest(key, now, true)
    }
    // An entry never changes, so its size need not be kept.
    const more = size - (previous === undefined ? 0 : sizeOf(previous))
    if (more < 0) this._budget.give(-more)
    else this._take(more, key, now)
  }

  private _take(bytes: number, key: string, now: number): void {
    for (;;) {
      const refused = this._budget.tryTake(bytes)
      if (refused === undefined) return
      if (!this._forgetOldest(key, now, false)) throw refused()
    }
  }

  /**
   * Forgets the peer that was not updated for longest and is not `key`; a protected one only if `even`. Returns whether there
   * was one. Peers that are passed over go to the end, so that they are not looked at again at once.
   */
  private _forgetOldest(key: string, now: number, even: boolean): boolean {
    for (let left = this._entries.size; left > 0; left--) {
      const [oldest, entry] = this._entries.entries().next().value!
      const stays = oldest === key || this.self.equals(entry.id)
      if (!stays && (even || isExpired(entry, this.agesOf(entry.id), now) || !this.isProtected(entry, now))) {
        this._forget(oldest, entry)
        return true
      }
      this._entries.delete(oldest)
      this._entries.set(oldest, entry)
    }
    return false
  }

  private _forget(key: string, entry: Entry): void {
    this._entries.delete(key)
    this._budget.give(sizeOf(entry))
  }
}
