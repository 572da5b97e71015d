/** Frames that wait for the next write: headers and payloads as views, in order. */
export class Outbox {
  private readonly _onPending: () => void
  private _chunks: Uint8Array[] = []
  private _byteLength = 0

  /** @param onPending - called when the first frame enters an empty outbox */
  constructor(onPending: () => void) {
    this._onPending = onPending
  }

  /** Bytes that wait. */
  get byteLength(): number {
    return this._byteLength
  }

  /** Adds a view, which belongs to the outbox from now on. */
  push(chunk: Uint8Array): void {
    this._chunks.push(chunk)
    this._byteLength += chunk.byteLength
    if (this._chunks.length === 1) this._onPending()
  }

  /** Takes everything. */
  take(): Uint8Array[] {
    const chunks = this._chunks
    this._chunks = []
    this._byteLength = 0
    return chunks
  }
}
