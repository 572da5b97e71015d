/** The strings that were added last, at most a number of them: past it the oldest are forgotten, and may come twice. */
export class RecentSet {
  private readonly _capacity: number
  private readonly _items = new Set<string>()

  constructor(capacity: number) {
    this._capacity = capacity
  }

  /** Strings in it, at most the capacity. */
  get size(): number {
    return this._items.size
  }

  /** Whether it was added and is not forgotten. */
  has(item: string): boolean {
    return this._items.has(item)
  }

  /** Returns false if it was there already. */
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
