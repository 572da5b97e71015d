import { decodeHeader, type Header, headerLength } from './frame.ts'

/** Reads headers out of chunks, which may cut them anywhere. There is one header, which is read into again and again. */
export class HeaderReader {
  readonly header: Header = { version: 0, type: 0, flags: 0, streamId: 0, length: 0 }
  /** Whether the last `read()` has filled `header`; else the chunk ended within it. */
  isComplete = false
  /** When the first byte of the header came whose rest is missing. For the session to set. */
  since: number | undefined
  private readonly _partial = new Uint8Array(headerLength)
  private _length = 0

  /** Reads at `at`, where there is a byte at least. Returns the place behind what was read. */
  read(chunk: Uint8Array, at: number): number {
    if (this._length === 0 && chunk.byteLength - at >= headerLength) {
      decodeHeader(chunk, at, this.header)
      this.isComplete = true
      return at + headerLength
    }
    const end = Math.min(chunk.byteLength, at + headerLength - this._length)
    this._partial.set(chunk.subarray(at, end), this._length)
    this._length += end - at
    this.isComplete = this._length === headerLength
    if (this.isComplete) {
      this._length = 0
      this.since = undefined
      decodeHeader(this._partial, 0, this.header)
    }
    return end
  }
}
