/** An item stores its index, so that it can be removed in O(log n). It is in one heap at a time. */
export interface HeapItem {
  /** -1 if it is in no heap. */
  heapIndex: number
}

/** A binary min-heap. All operations except iteration are O(log n) or better. */
export class Heap<T extends HeapItem> {
  private readonly _items: T[] = []
  private readonly _compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this._compare = compare
  }

  /** Number of items. */
  get size(): number {
    return this._items.length
  }

  /** The least item, without removing it. */
  peek(): T | undefined {
    return this._items[0]
  }

  /** Adds an item that is in no heap. */
  push(item: T): void {
    this._items.push(item)
    this._up(item, this._items.length - 1)
  }

  /** Removes and returns the least item. */
  pop(): T | undefined {
    const least = this._items[0]
    if (least !== undefined) this.remove(least)
    return least
  }

  /** Removes an item. Does nothing if it is not in the heap. */
  remove(item: T): void {
    const index = item.heapIndex
    if (index < 0 || this._items[index] !== item) return
    item.heapIndex = -1
    const last = this._items.pop()
    if (last === undefined || last === item) return
    this._up(last, index)
    this._down(last, last.heapIndex)
  }

  /** All items, in no order. */
  values(): IterableIterator<T> {
    return this._items.values()
  }

  private _up(item: T, from: number): void {
    let index = from
    while (index > 0) {
      const parent = this._items[(index - 1) >> 1]!
      if (this._compare(parent, item) <= 0) break
      this._put(parent, index)
      index = (index - 1) >> 1
    }
    this._put(item, index)
  }

  private _down(item: T, from: number): void {
    let index = from
    for (;;) {
      const left = this._items[2 * index + 1]
      const right = this._items[2 * index + 2]
      if (left === undefined) break
      const least = right !== undefined && this._compare(right, left) < 0 ? right : left
      if (this._compare(item, least) <= 0) break
      const below = least.heapIndex
      this._put(least, index)
      index = below
    }
    this._put(item, index)
  }

  private _put(item: T, index: number): void {
    this._items[index] = item
    item.heapIndex = index
  }
}
