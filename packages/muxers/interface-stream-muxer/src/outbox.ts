/** Frames that wait for the next write: headers and payloads as views, in order. */
export class Outbox {
  readonly #onPending: () => void
  #chunks: Uint8Array[] = []
  #byteLength = 0

  /** @param onPending - called when the first frame enters an empty outbox */
  constructor(onPending: () => void) {
    this.#onPending = onPending
  }

  /** Bytes that wait. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** Adds a view, which belongs to the outbox from now on. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#byteLength += chunk.byteLength
    if (this.#chunks.length === 1) this.#onPending()
  }

  /** Takes everything. */
  take(): Uint8Array[] {
    const chunks = this.#chunks
    this.#chunks = []
    this.#byteLength = 0
    return chunks
  }
}
