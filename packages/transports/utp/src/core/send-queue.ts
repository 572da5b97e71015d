/** What was written and not sent yet. Chunks are kept as they were given, and copied only where a packet takes of several. */
export class SendQueue {
  private readonly _chunks: Uint8Array[] = []
  private _length = 0

  /** Bytes that wait. */
  get length(): number {
    return this._length
  }

  push(chunk: Uint8Array): void {
    this._chunks.push(chunk)
    this._length += chunk.byteLength
  }

  /** The next bytes, of which at least `length` wait: a view where one chunk has them. */
  take(length: number): Uint8Array {
    this._length -= length
    const first = this._chunks[0]!
    if (first.byteLength >= length) {
      if (first.byteLength === length) this._chunks.shift()
      else this._chunks[0] = first.subarray(length)
      return first.subarray(0, length)
    }
    const payload = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const chunk = this._chunks[0]!
      const part = chunk.subarray(0, length - at)
      payload.set(part, at)
      at += part.byteLength
      if (part.byteLength === chunk.byteLength) this._chunks.shift()
      else this._chunks[0] = chunk.subarray(part.byteLength)
    }
    return payload
  }

  clear(): void {
    this._chunks.length = 0
    this._length = 0
  }
}
