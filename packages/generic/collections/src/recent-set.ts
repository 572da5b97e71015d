/** A set of the most recently added strings: beyond its capacity the oldest are forgotten. */
export class RecentSet {
  private readonly _capacity: number
  private readonly _items = new Set<string>()

  constructor(capacity: number) {
    this._capacity = capacity
  }

  /** Number of strings, at most the capacity. */
  get size(): number {
    return this._items.size
  }

  /** Whether a string is in the set. */
  has(item: string): boolean {
    return this._items.has(item)
  }

  /** Adds a string. Returns false if it was there already. */
  add(item: string): boolean {
    if (this._items.has(item)) return false
    if (this._items.size >= this._capacity) {
      const [oldest] = this._items
      this._items.delete(oldest!)
    }
    this._items.add(item)
    return true
  }
}
