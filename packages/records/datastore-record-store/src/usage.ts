import { WeftError } from '@weft/errors'
import type { Datastore } from 'interface-datastore'

/** Bytes that a record counts as. */
export function sizeOf(key: Uint8Array, record: Uint8Array): number {
  return key.byteLength + record.byteLength
}

/** Counts the bytes of a store. What is there already is read once, before the first change. */
export class Usage {
  private readonly _datastore: Datastore
  private readonly _prefix: string
  private readonly _most: number
  private _bytes = 0
  private _known: Promise<void> | undefined

  constructor(datastore: Datastore, prefix: string, most: number) {
    this._datastore = datastore
    this._prefix = prefix
    this._most = most
  }

  /** Whether so many bytes more are within the limit. */
  async hasRoom(bytes: number): Promise<boolean> {
    await this._load()
    return this._bytes + bytes <= this._most
  }

  /** Makes a change that adds so many bytes, or takes them away. Rejects with `RecordStoreFullError` before it is made. */
  async adding(bytes: number, change: () => Promise<unknown>): Promise<void> {
    await this._load()
    if (bytes > 0 && this._bytes + bytes > this._most) {
      const facts = { bytes: this._bytes, most: this._most }
      throw new WeftError('RecordStoreFullError', 'ERR_RECORD_STORE_FULL', `the store holds ${this._bytes} bytes`, {
        facts
      })
    }
    // Counted before it is made: of changes at the same time, none goes beyond.
    this._bytes += bytes
    try {
      await change()
    } catch (error) {
      this._bytes -= bytes
      throw error
    }
  }

  private async _load(): Promise<void> {
    this._known ??= this._count()
    try {
      await this._known
    } catch (error) {
      // Another call may find the datastore open.
      this._known = undefined
      throw error
    }
  }

  private async _count(): Promise<void> {
    let bytes = 0
    for await (const { key, value } of this._datastore.query({ prefix: `${this._prefix}/` })) {
      // Base 32 writes five bytes as eight characters.
      bytes += Math.floor(((key.toString().length - this._prefix.length - 1) * 5) / 8) + value.byteLength
    }
    this._bytes = bytes
  }
}
