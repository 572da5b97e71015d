/** Where the records of TLS end (RFC 8446, section 5.1). What is in them is for the platform. */

// Type, version, and two bytes of length.
const headerLength = 5

/** Follows the records of one direction. */
export class RecordBoundary {
  /** Bytes of the current header that have come. */
  private _header = 0
  private _length = 0
  /** Bytes of the current record that have not come. */
  private _missing = 0

  /** Whether what has passed so far ended with a whole record. */
  get isBetweenRecords(): boolean {
    return this._header === 0 && this._missing === 0
  }

  /** Takes what passes, which may begin and end anywhere. */
  pass(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this._missing > 0) {
        const step = Math.min(this._missing, chunk.byteLength - at)
        this._missing -= step
        at += step
      } else at = this._passHeader(chunk, at)
    }
  }

  private _passHeader(chunk: Uint8Array, at: number): number {
    if (this._header === headerLength - 2) this._length = chunk[at]! << 8
    if (this._header === headerLength - 1) this._length |= chunk[at]!
    this._header = (this._header + 1) % headerLength
    if (this._header === 0) this._missing = this._length
    return at + 1
  }
}
