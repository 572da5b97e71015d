// A view costs about a hundred bytes beside its own: smaller ones than this are joined while they wait.
const smallLength = 1024
const maxBlockLength = 8 * 1024
// So many of them stay apart, as the messages that they were sent as.
const maxApart = 32

/**
 * Bytes in the order in which they came, as the views that they came in: nothing is copied until a caller asks for a
 * run that spans two of them.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = []
  #head = 0
  #byteLength = 0
  /** The last view that `keepLast` made, in a buffer of which the part behind it is free. */
  #block: Uint8Array | undefined

  /** Bytes in the queue. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** Appends a view. The queue keeps it: the caller does not write to it again. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    this.#chunks.push(chunk)
    this.#byteLength += chunk.byteLength
  }

  /**
   * Makes the last view fit to wait: it will keep no much larger buffer alive, and small ones cost no more memory than a
   * few times their bytes. For queues that a remote fills and someone else empties. The view is copied where needed.
   */
  keepLast(): void {
    // A look before the first element of an array is slow.
    if (this.#byteLength === 0) return
    const last = this.#chunks.length - 1
    const chunk = this.#chunks[last]!
    if (chunk === this.#block) return
    const { byteLength } = chunk
    if (byteLength >= smallLength) {
      if (byteLength * 2 < chunk.buffer.byteLength) this.#chunks[last] = chunk.slice()
      return
    }
    const before = last > this.#head ? this.#chunks[last - 1] : undefined
    const joins =
      last - this.#head >= maxApart &&
      before !== undefined &&
      before === this.#block &&
      before.byteLength + byteLength <= maxBlockLength
    if (!joins) {
      // Only a buffer of this queue's own may be written to later.
      this.#block = this.#chunks[last] = byteLength < chunk.buffer.byteLength ? chunk.slice() : chunk
      return
    }
    this.#chunks.length = last
    this.#block = this.#chunks[last - 1] = joined(before, chunk)
  }

  /** Puts a view before all others. */
  unshift(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    if (this.#head > 0) this.#chunks[--this.#head] = chunk
    else this.#chunks.unshift(chunk)
    this.#byteLength += chunk.byteLength
  }

  /** The first view, without taking it; `undefined` when the queue is empty. */
  peek(): Uint8Array | undefined {
    return this.#chunks[this.#head]
  }

  /** Takes the first view, cut to at most `maximum` bytes; `undefined` when the queue is empty. */
  shift(maximum: number = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const chunk = this.#chunks[this.#head]
    if (chunk === undefined) return undefined
    if (chunk.byteLength > maximum) {
      this.#chunks[this.#head] = chunk.subarray(maximum)
      this.#byteLength -= maximum
      return chunk.subarray(0, maximum)
    }
    this.#dropFirst()
    this.#byteLength -= chunk.byteLength
    return chunk
  }

  /**
   * Takes exactly `length` bytes as one view, copied only where they span views; `undefined` when there are fewer.
   */
  take(length: number): Uint8Array | undefined {
    if (length > this.#byteLength) return undefined
    if (length === 0) return new Uint8Array(0)
    const first = this.#chunks[this.#head]!
    if (first.byteLength >= length) return this.shift(length)
    const joined = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const chunk = this.shift(length - at)!
      joined.set(chunk, at)
      at += chunk.byteLength
    }
    return joined
  }

  /** Takes all views. */
  takeAll(): Uint8Array[] {
    const all = this.#head === 0 ? this.#chunks : this.#chunks.slice(this.#head)
    this.clear()
    return all
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks = []
    this.#head = 0
    this.#byteLength = 0
    this.#block = undefined
  }

  #dropFirst(): void {
    // The slot is emptied at once so that the view can be collected; the array is cut when half of it is empty.
    this.#chunks[this.#head++] = undefined as unknown as Uint8Array
    if (this.#head === this.#chunks.length) {
      this.#chunks.length = 0
      this.#head = 0
      this.#block = undefined
    } else if (this.#head >= 64 && this.#head * 2 >= this.#chunks.length) {
      this.#chunks.splice(0, this.#head)
      this.#head = 0
    }
  }
}

/** `chunk` behind `block`, in place where the block's buffer has room; otherwise in one of twice the size. */
function joined(block: Uint8Array, chunk: Uint8Array): Uint8Array {
  const length = block.byteLength + chunk.byteLength
  let { buffer, byteOffset } = block
  if (byteOffset + length > buffer.byteLength) {
    buffer = new ArrayBuffer(Math.min(maxBlockLength, 2 * length))
    byteOffset = 0
    new Uint8Array(buffer).set(block)
  }
  const view = new Uint8Array(buffer, byteOffset, length)
  view.set(chunk, block.byteLength)
  return view
}
