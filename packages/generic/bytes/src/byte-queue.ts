// A view costs about a hundred bytes in addition to its data: smaller ones than this are joined while they are queued.
const smallLength = 1024
const maxBlockLength = 8 * 1024
// Up to this many of them are kept apart, to preserve message boundaries. A copy of one byte takes 220 bytes: with
// twice as many a stream would hold more memory than it is charged for.
const maxApart = 16

/**
 * A FIFO queue of bytes, stored as the views that were added: data is copied only when a caller takes a run that spans
 * two of them.
 */
export class ByteQueue {
  private _chunks: Uint8Array[] = []
  private _head = 0
  private _byteLength = 0
  /** The last view made by `keepLast`, in a buffer whose remaining part is free. */
  private _block: Uint8Array | undefined

  /** Bytes in the queue. */
  get byteLength(): number {
    return this._byteLength
  }

  /** Appends a view. The queue keeps it: the caller must not modify it afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    // Most queues hold one view at a time: an array of length one, as push() would allocate room for seventeen.
    if (this._chunks.length === 0) this._chunks = [chunk]
    else this._chunks.push(chunk)
    this._byteLength += chunk.byteLength
  }

  /**
   * Compacts the last chunk, so that it does not pin a much larger buffer and many small chunks cost no more than a few
   * times their size. For queues that a remote fills and another party empties. The view is copied if needed.
   */
  keepLast(): void {
    // Reading index -1 of an array is slow.
    if (this._byteLength === 0) return
    const last = this._chunks.length - 1
    const chunk = this._chunks[last]!
    if (chunk === this._block) return
    const { byteLength } = chunk
    if (byteLength >= smallLength) {
      if (byteLength * 2 < chunk.buffer.byteLength) this._chunks[last] = new Uint8Array(chunk)
      return
    }
    const before = last > this._head ? this._chunks[last - 1] : undefined
    const joins =
      last - this._head >= maxApart &&
      before !== undefined &&
      before === this._block &&
      before.byteLength + byteLength <= maxBlockLength
    if (!joins) {
      // Only a buffer owned by this queue may be written to later, so this must be a copy; `slice()` of a Node Buffer
      // is not.
      this._block = this._chunks[last] = byteLength < chunk.buffer.byteLength ? new Uint8Array(chunk) : chunk
      return
    }
    this._chunks.length = last
    this._block = this._chunks[last - 1] = joined(before, chunk)
  }

  /** Prepends a view. */
  unshift(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    if (this._head > 0) this._chunks[--this._head] = chunk
    else this._chunks.unshift(chunk)
    this._byteLength += chunk.byteLength
  }

  /** The first view, without removing it; `undefined` if the queue is empty. */
  peek(): Uint8Array | undefined {
    return this._chunks[this._head]
  }

  /** Removes and returns the first view, limited to `maximum` bytes; `undefined` if the queue is empty. */
  shift(maximum: number = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const chunk = this._chunks[this._head]
    if (chunk === undefined) return undefined
    if (chunk.byteLength > maximum) {
      this._chunks[this._head] = chunk.subarray(maximum)
      this._byteLength -= maximum
      return chunk.subarray(0, maximum)
    }
    this._dropFirst()
    this._byteLength -= chunk.byteLength
    return chunk
  }

  /**
   * Removes exactly `length` bytes and returns them as one view, copied only if they span views; `undefined` if there
   * are fewer.
   */
  take(length: number): Uint8Array | undefined {
    if (length > this._byteLength) return undefined
    if (length === 0) return new Uint8Array(0)
    const first = this._chunks[this._head]!
    if (first.byteLength >= length) return this.shift(length)
    const joined = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const chunk = this.shift(length - at)!
      joined.set(chunk, at)
      at += chunk.byteLength
    }
    return joined
  }

  /** Removes and returns all views. */
  takeAll(): Uint8Array[] {
    const all = this._head === 0 ? this._chunks : this._chunks.slice(this._head)
    this.clear()
    return all
  }

  /** Discards everything. */
  clear(): void {
    this._chunks = []
    this._head = 0
    this._byteLength = 0
    this._block = undefined
  }

  private _dropFirst(): void {
    // The slot is cleared at once so that the view can be collected; the array is shortened when half of it is empty.
    this._chunks[this._head++] = undefined as unknown as Uint8Array
    if (this._head === this._chunks.length) {
      // A new array, as setting the length of one is slow.
      this._chunks = []
      this._head = 0
      this._block = undefined
    } else if (this._head >= 64 && this._head * 2 >= this._chunks.length) {
      this._chunks.splice(0, this._head)
      this._head = 0
    }
  }
}

/** Appends `chunk` to `block`, in place if the block's buffer has room, otherwise in a buffer of twice the size. */
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
