/**
 * Handshakes under way, by the address that they come from. The busiest address and the oldest handshake of it are found
 * without a search, as they are asked for with every connection of a flood.
 */

/** An address and its handshakes, the oldest first. */
export interface PendingAddress<T> {
  readonly pending: Set<T>
}

/** Every operation is O(1). */
export class PendingSet<T extends { readonly address: PendingAddress<T> }> {
  /** Addresses by the number of their handshakes; none of them empty. */
  private readonly _byCount = new Map<number, Set<PendingAddress<T>>>()
  private _most = 0
  private _size = 0

  get size(): number {
    return this._size
  }

  /** Handshakes of the busiest address. */
  get most(): number {
    return this._most
  }

  /** The oldest handshake of the address that has the most; of several, the one that has had so many for longest. */
  get next(): T | undefined {
    const [busiest] = this._byCount.get(this._most) ?? []
    const [oldest] = busiest?.pending ?? []
    return oldest
  }

  add(item: T): void {
    const { pending } = item.address
    this._leave(item.address, pending.size)
    pending.add(item)
    this._size++
    this._join(item.address, pending.size)
    this._most = Math.max(this._most, pending.size)
  }

  /** Takes out a handshake that is in. */
  delete(item: T): void {
    const { pending } = item.address
    this._leave(item.address, pending.size)
    pending.delete(item)
    this._size--
    this._join(item.address, pending.size)
    // An address loses one at a time, so the busiest has at most one less than before.
    if (!this._byCount.has(this._most)) this._most--
  }

  private _join(address: PendingAddress<T>, count: number): void {
    if (count === 0) return
    const others = this._byCount.get(count)
    if (others === undefined) this._byCount.set(count, new Set([address]))
    else others.add(address)
  }

  private _leave(address: PendingAddress<T>, count: number): void {
    const others = this._byCount.get(count)
    others?.delete(address)
    if (others?.size === 0) this._byCount.delete(count)
  }
}
