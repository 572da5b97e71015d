import type { AbortOptions, Logger, Peer, PeerId, PeerQuery } from '@libp2p/interface'
import { KeyedQueue } from '@weft/collections'
import { throwIfAborted } from '@weft/errors'
import { peerIdFromString } from '@weft/peer-id'
import type { Datastore } from 'interface-datastore'
import { Key } from 'interface-datastore/key'
import { BasePeerStore, type Guard } from './base-peer-store.ts'
import { applyUpdate, type Update } from './core/apply.ts'
import { type Entry, isExpired, toPeer } from './core/entry.ts'
import { Eviction } from './core/eviction.ts'
import { decodeEntry, encodeEntry } from './core/peer-message.ts'
import { select } from './core/query.ts'
import { checkPeerId } from './core/validate.ts'
import type { PeerStoreComponents, PeerStoreInit } from './init.ts'

const prefix = '/peers/'

/**
 * Peers in a datastore, under `/peers/` and the id as a CID in base32: keys and values as js-libp2p's peer store has
 * them. Updates of one peer wait for each other. A stored peer that cannot be read is as if it were not there.
 */
export class DatastorePeerStore extends BasePeerStore {
  private readonly _datastore: Datastore
  private readonly _log: Logger | undefined
  private readonly _queue = new KeyedQueue()
  // Names with the bytes of their values, read from the datastore by the first update.
  private _names: Promise<Eviction<number>> | undefined

  constructor(components: PeerStoreComponents, datastore: Datastore, init: PeerStoreInit) {
    super(components, init)
    this._datastore = datastore
    this._log = components.logger?.forComponent('libp2p:peer-store')
  }

  override async all(query: PeerQuery = {}): Promise<Peer[]> {
    throwIfAborted(query.signal)
    const now = Date.now()
    const peers: Peer[] = []
    for await (const { key, value } of this._datastore.query({ prefix }, query)) {
      const name = key.toString().slice(prefix.length)
      const entry = this._decode(name, value)
      if (entry === undefined || this.self.equals(entry.id)) continue
      const ages = this.agesOf(entry.id)
      if (isExpired(entry, ages, now)) await this._remove(name, query)
      else peers.push(toPeer(entry, ages, now))
    }
    return select(peers, query)
  }

  override async delete(id: PeerId, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    if (this.self.equals(id)) return
    const name = nameOf(id)
    await this._queue.run(name, () => this._remove(name, options))
  }

  protected override async read(id: PeerId, now: number, options?: AbortOptions): Promise<Entry | undefined> {
    checkPeerId(id)
    const name = nameOf(id)
    // What was asked for before is seen.
    await this._queue.idle(name)
    return await this._load(name, now, options)
  }

  protected override async write(
    update: Update,
    options: AbortOptions | undefined,
    guard?: Guard
  ): Promise<Peer | undefined> {
    const { id } = update
    const name = nameOf(id)
    return await this._queue.run(name, async () => {
      throwIfAborted(options?.signal)
      const now = Date.now()
      const previous = await this._load(name, now, options)
      if (guard?.(previous) === false) return undefined
      const entry = applyUpdate(update, previous, this.agesOf(id), now)
      const value = encodeEntry(entry)
      const names = await this._readNames()
      const before = names.get(name)
      try {
        await this._makeRoom(names, name, value.byteLength, now, options)
        await this._datastore.put(new Key(prefix + name), value, options)
      } catch (error) {
        names.restore(name, before)
        throw error
      }
      // Last again: another update may have made room with it meanwhile.
      names.set(name, value.byteLength)
      return this.changed(entry, previous, now)
    })
  }

  private async _load(name: string, now: number, options: AbortOptions | undefined): Promise<Entry | undefined> {
    let value: Uint8Array
    try {
      value = await this._datastore.get(new Key(prefix + name), options)
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return undefined
      throw error
    }
    const entry = this._decode(name, value)
    if (entry === undefined || !isExpired(entry, this.agesOf(entry.id), now)) return entry
    await this._remove(name, options)
    return undefined
  }

  private _decode(name: string, value: Uint8Array): Entry | undefined {
    try {
      return decodeEntry(peerIdFromString(name), value)
    } catch (error) {
      this._log?.error('stored peer %s cannot be read - %e', name, error)
      return undefined
    }
  }

  private async _remove(name: string, options: AbortOptions | undefined): Promise<void> {
    await this._datastore.delete(new Key(prefix + name), options)
    if (this._names !== undefined) (await this._names).delete(name)
  }

  private async _makeRoom(
    names: Eviction<number>,
    name: string,
    size: number,
    now: number,
    options: AbortOptions | undefined
  ): Promise<void> {
    const room = names.put(name, size)
    for (let step = room.next(); step.done !== true; ) {
      const candidate = step.value
      const entry = candidate.even ? undefined : await this._load(candidate.name, now, options)
      const stays = entry !== undefined && this.isProtected(entry, now)
      if (!stays) await this._remove(candidate.name, options)
      step = room.next(stays)
    }
  }

  private async _readNames(): Promise<Eviction<number>> {
    this._names ??= this._queryNames()
    try {
      return await this._names
    } catch (error) {
      // The next update asks again.
      this._names = undefined
      throw error
    }
  }

  private async _queryNames(): Promise<Eviction<number>> {
    const { maxPeers, maxBytes } = this
    const names = new Eviction<number>({ maxPeers, maxBytes, sizeOf: size => size, self: nameOf(this.self) })
    for await (const { key, value } of this._datastore.query({ prefix })) {
      names.set(key.toString().slice(prefix.length), value.byteLength)
    }
    return names
  }
}

function nameOf(id: PeerId): string {
  return id.toCID().toString()
}
