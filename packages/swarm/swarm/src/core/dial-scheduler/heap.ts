/** An item knows its place, so that it can be taken out again in O(log n). It is in one heap at a time. */
export interface HeapItem {
  /** -1: in no heap. */
  heapIndex: number
}

/** A binary heap: the least item first. All but iterating is O(log n) or better. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    this.#items.push(item)
    this.#up(item, this.#items.length - 1)
  }

  pop(): T | undefined {
    const least = this.#items[0]
    if (least !== undefined) this.remove(least)
    return least
  }

  /** Takes an item out. One that is not in the heap is fine. */
  remove(item: T): void {
    const index = item.heapIndex
    if (index < 0 || this.#items[index] !== item) return
    item.heapIndex = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#up(last, index)
    this.#down(last, last.heapIndex)
  }

  /** All items, in no order. */
  values(): IterableIterator<T> {
    return this.#items.values()
  }

  #up(item: T, from: number): void {
    let index = from
    while (index > 0) {
      const parent = this.#items[(index - 1) >> 1]!
      if (this.#compare(parent, item) <= 0) break
      this.#put(parent, index)
      index = (index - 1) >> 1
    }
    this.#put(item, index)
  }

  #down(item: T, from: number): void {
    let index = from
    for (;;) {
      const left = this.#items[2 * index + 1]
      const right = this.#items[2 * index + 2]
      if (left === undefined) break
      const least = right !== undefined && this.#compare(right, left) < 0 ? right : left
      if (this.#compare(item, least) <= 0) break
      const below = least.heapIndex
      this.#put(least, index)
      index = below
    }
    this.#put(item, index)
  }

  #put(item: T, index: number): void {
    this.#items[index] = item
    item.heapIndex = index
  }
}
