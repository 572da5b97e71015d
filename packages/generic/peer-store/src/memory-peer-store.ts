import type { AbortOptions, Peer, PeerId, PeerQuery } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import { BasePeerStore, type Guard } from './base-peer-store.ts'
import { applyUpdate, type Update } from './core/apply.ts'
import { type Entry, isExpired, toPeer } from './core/entry.ts'
import { Eviction } from './core/eviction.ts'
import { select } from './core/query.ts'
import { sizeOf } from './core/size.ts'
import { checkPeerId } from './core/validate.ts'
import type { PeerStoreComponents, PeerStoreInit } from './init.ts'

/** Peers in memory. Each update happens at once, so there is nothing to lock and nothing to decode. */
export class MemoryPeerStore extends BasePeerStore {
  // By the id's text.
  private readonly _peers: Eviction<Entry>

  constructor(components: PeerStoreComponents, init: PeerStoreInit) {
    super(components, init)
    this._peers = new Eviction<Entry>({
      maxPeers: this.maxPeers,
      maxBytes: this.maxBytes,
      // An entry never changes, so its size need not be kept.
      sizeOf,
      self: this.self.toString(),
      account: components.resourceManager?.enterService('peerStore')
    })
  }

  override async all(query: PeerQuery = {}): Promise<Peer[]> {
    throwIfAborted(query.signal)
    const now = Date.now()
    const peers: Peer[] = []
    for (const [key, entry] of this._peers.entries()) {
      if (this.self.equals(entry.id)) continue
      const ages = this.agesOf(entry.id)
      if (isExpired(entry, ages, now)) this._peers.delete(key)
      else peers.push(toPeer(entry, ages, now))
    }
    return select(peers, query)
  }

  override async delete(id: PeerId, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    if (!this.self.equals(id)) this._peers.delete(id.toString())
  }

  protected override read(id: PeerId, now: number): Entry | undefined {
    checkPeerId(id)
    const key = id.toString()
    const entry = this._peers.get(key)
    if (entry === undefined || !isExpired(entry, this.agesOf(id), now)) return entry
    this._peers.delete(key)
    return undefined
  }

  protected override write(update: Update, _options?: AbortOptions, guard?: Guard): Peer | undefined {
    const now = Date.now()
    const { id } = update
    const previous = this.read(id, now)
    if (guard?.(previous) === false) return undefined
    const entry = applyUpdate(update, previous, this.agesOf(id), now)
    const key = id.toString()
    this._put(key, entry, now)
    return this.changed(entry, previous, now)
  }

  private _put(key: string, entry: Entry, now: number): void {
    const before = this._peers.get(key)
    try {
      const room = this._peers.put(key, entry)
      for (let step = room.next(); step.done !== true; ) {
        const { value, even } = step.value
        step = room.next(!even && !isExpired(value, this.agesOf(value.id), now) && this.isProtected(value, now))
      }
    } catch (error) {
      this._peers.restore(key, before)
      throw error
    }
  }
}
