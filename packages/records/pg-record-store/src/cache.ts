/** Records that were read, until somebody changes them. */

/** Counts what is read while others write: what was read before a change must not be kept after it. */
export interface Reading {
  readonly changed: Set<string>
  all: boolean
}

/** A cache by the first bytes of the key's hash, as notifications name it. */
export class RecordCache {
  private readonly _records = new Map<string, Uint8Array>()
  private readonly _readings = new Set<Reading>()
  private readonly _maxBytes: number
  private _bytes = 0
  private _listening = false

  constructor(maxBytes: number) {
    this._maxBytes = maxBytes
  }

  /** While nobody tells of changes, nothing is kept. */
  set listening(listening: boolean) {
    this._listening = listening
    this._records.clear()
    this._bytes = 0
    for (const reading of this._readings) reading.all = true
  }

  get(id: string): Uint8Array | undefined {
    return this._records.get(id)
  }

  changed(id: string): void {
    this._drop(id)
    for (const reading of this._readings) reading.changed.add(id)
  }

  begin(): Reading {
    const reading = { changed: new Set<string>(), all: !this._listening }
    this._readings.add(reading)
    return reading
  }

  end(reading: Reading, found: ReadonlyMap<string, Uint8Array>): void {
    this._readings.delete(reading)
    if (reading.all) return
    for (const [id, record] of found) {
      if (reading.changed.has(id)) continue
      this._drop(id)
      this._records.set(id, record)
      this._bytes += record.byteLength
    }
    for (const oldest of this._records.keys()) {
      if (this._bytes <= this._maxBytes) break
      this._drop(oldest)
    }
  }

  private _drop(id: string): void {
    const held = this._records.get(id)
    if (held === undefined) return
    this._records.delete(id)
    this._bytes -= held.byteLength
  }
}
