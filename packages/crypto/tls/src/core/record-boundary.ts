/** Where the records of TLS end (RFC 8446, section 5.1). What is in them is for the platform. */

// Type, version, and two bytes of length.
const headerLength = 5

/** Follows the records of one direction. */
export class RecordBoundary {
  /** Bytes of the current header that have come. */
  #header = 0
  #length = 0
  /** Bytes of the current record that have not come. */
  #missing = 0

  /** Whether what has passed so far ended with a whole record. */
  get isBetweenRecords(): boolean {
    return this.#header === 0 && this.#missing === 0
  }

  /** Takes what passes, which may begin and end anywhere. */
  pass(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#missing > 0) {
        const step = Math.min(this.#missing, chunk.byteLength - at)
        this.#missing -= step
        at += step
      } else at = this.#passHeader(chunk, at)
    }
  }

  #passHeader(chunk: Uint8Array, at: number): number {
    if (this.#header === headerLength - 2) this.#length = chunk[at]! << 8
    if (this.#header === headerLength - 1) this.#length |= chunk[at]!
    this.#header = (this.#header + 1) % headerLength
    if (this.#header === 0) this.#missing = this.#length
    return at + 1
  }
}
