import { fromHex, toHex } from '@weft/bytes'
import { Key, type Datastore } from 'interface-datastore'
import { maxKeyLength } from './core/messages.ts'

const prefix = '/weft/mdns-records'

/** The records of this node, in its datastore, with how many there are. What it gives belongs to the caller. */
export class HeldRecords {
  private readonly _datastore: Datastore
  /** Bytes of each, by the key in hex. */
  private readonly _sizes = new Map<string, number>()
  private _bytes = 0

  constructor(datastore: Datastore) {
    this._datastore = datastore
  }

  /** How many there are. */
  get count(): number {
    return this._sizes.size
  }

  /** Bytes of all. */
  get bytes(): number {
    return this._bytes
  }

  /** Reads which records there are, at most so many; returns their keys. Those whose name is none of ours are left alone. */
  async load(most: number): Promise<Uint8Array[]> {
    this._sizes.clear()
    this._bytes = 0
    const keys: Uint8Array[] = []
    for await (const { key, value } of this._datastore.query({ prefix })) {
      const name = key.name()
      if (this._sizes.size >= most || !/^(?:[0-9a-f]{2})+$/.test(name) || name.length > 2 * maxKeyLength) continue
      this._count(name, value.byteLength)
      keys.push(fromHex(name))
    }
    return keys
  }

  /** Bytes of a record; 0 where there is none. */
  sizeOf(key: Uint8Array): number {
    return this._sizes.get(toHex(key)) ?? 0
  }

  has(key: Uint8Array): boolean {
    return this._sizes.has(toHex(key))
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    if (!this.has(key)) return undefined
    try {
      return new Uint8Array(await this._datastore.get(nameOf(key)))
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return undefined
      throw error
    }
  }

  async put(key: Uint8Array, record: Uint8Array): Promise<void> {
    await this._datastore.put(nameOf(key), new Uint8Array(record))
    this._count(toHex(key), record.byteLength)
  }

  async delete(key: Uint8Array): Promise<void> {
    await this._datastore.delete(nameOf(key))
    this._bytes -= this.sizeOf(key)
    this._sizes.delete(toHex(key))
  }

  private _count(name: string, size: number): void {
    this._bytes += size - (this._sizes.get(name) ?? 0)
    this._sizes.set(name, size)
  }
}

function nameOf(key: Uint8Array): Key {
  return new Key(`${prefix}/${toHex(key)}`)
}
