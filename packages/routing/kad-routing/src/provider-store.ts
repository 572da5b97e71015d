/** The provider records that this node keeps for others: the bounded index of `core/providers.ts`, and its copy in the datastore. */
import type { Logger } from '@libp2p/interface'
import { fromHex, toHex, toLatin1 } from '@weft/bytes'
import { TokenBuckets } from '@weft/collections'
import { bytes, field, implicit, type MessageCodec, message, repeated, uint64Number } from '@weft/protobuf'
import { type Datastore, Key } from 'interface-datastore'
import { maxAddresses } from './core/limits.ts'
import { defaultProviders, type ProviderRecord, Providers } from './core/providers.ts'
import type { Settings } from './options.ts'

// A peer that provides 100,000 contents tells each server of a network of 1,000 of about 2,000 in 22 hours, many at once.
const recordsPerHour = 1000
const burst = 4096
const rememberedPeers = 4096

interface StoredRecord {
  expires: number
  addresses: Uint8Array[]
}

const storedRecord: MessageCodec<StoredRecord> = message<StoredRecord>({
  expires: field(1, implicit(uint64Number())),
  addresses: field(2, repeated(bytes(), maxAddresses))
})

export class ProviderStore {
  private readonly _datastore: Datastore
  private readonly _prefix: string
  private readonly _log: Logger
  private readonly _providers: Providers
  private readonly _rate = new TokenBuckets(rememberedPeers, recordsPerHour / 3600, burst)
  private _writes: Promise<unknown> = Promise.resolve()

  constructor(datastore: Datastore, settings: Settings, log: Logger) {
    this._datastore = datastore
    this._prefix = `${settings.datastorePrefix}/provider`
    this._log = log
    this._providers = new Providers({
      ...defaultProviders,
      validity: settings.providerValidity,
      maxBytes: settings.maxProviderBytes
    })
  }

  /** Records in it. */
  get size(): number {
    return this._providers.size
  }

  /** Bytes of its records in memory, as they are counted. */
  get byteLength(): number {
    return this._providers.byteLength
  }

  /** Reads what was kept. */
  async load(): Promise<void> {
    const now = Date.now()
    try {
      for await (const { key, value } of this._datastore.query({ prefix: this._prefix })) {
        const record = this._read(key, value)
        if (record === undefined || record.expires <= now) await this._datastore.delete(key)
        else for (const dropped of this._providers.restore(record)) await this._datastore.delete(this._keyOf(dropped))
      }
    } catch (error) {
      this._log.error('provider records could not be read - %e', error)
    }
  }

  /** Whether a peer may add one more record now. */
  mayAdd(peer: string): boolean {
    return this._rate.take(peer, performance.now())
  }

  /** Adds a record, or renews it. `peer` is one string for each. */
  add(key: Uint8Array, peer: string, addresses: readonly Uint8Array[]): void {
    const now = Date.now()
    const name = toLatin1(key)
    const dropped = this._providers.add(name, peer, addresses, now)
    const record = this._providers.of(name, now).find(other => other.peer === peer)
    if (record !== undefined) {
      const { expires } = record
      const value = storedRecord.encode({ expires, addresses: [...addresses] })
      this._write(() => this._datastore.put(this._keyOf(record), value))
    }
    for (const old of dropped) this._write(() => this._datastore.delete(this._keyOf(old)))
  }

  /** Who provides a key, those that told last first. */
  of(key: Uint8Array): ProviderRecord[] {
    return this._providers.of(toLatin1(key), Date.now())
  }

  /** Forgets a record. */
  delete(key: Uint8Array, peer: string): void {
    const name = toLatin1(key)
    if (!this._providers.delete(name, peer)) return
    this._write(() => this._datastore.delete(this._keyOf({ key: name, peer })))
  }

  /** Drops the records that are over. */
  expire(now: number): void {
    for (const record of this._providers.expire(now)) this._write(() => this._datastore.delete(this._keyOf(record)))
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await this._writes
  }

  /** In the order of the calls, so that the last one counts. */
  private _write(write: () => unknown): void {
    this._writes = this._writes.then(write).catch((error: unknown) => {
      this._log.error('a provider record could not be written - %e', error)
    })
  }

  private _keyOf({ key, peer }: Pick<ProviderRecord, 'key' | 'peer'>): Key {
    return new Key(`${this._prefix}/${hexOf(key)}/${hexOf(peer)}`)
  }

  private _read(key: Key, value: Uint8Array): ProviderRecord | undefined {
    const [name, peer] = key
      .toString()
      .slice(this._prefix.length + 1)
      .split('/')
    if (name === undefined || peer === undefined) return undefined
    try {
      const { expires, addresses } = storedRecord.decode(new Uint8Array(value))
      return { key: toLatin1(fromHex(name)), peer: toLatin1(fromHex(peer)), addresses, expires }
    } catch {
      return undefined
    }
  }
}

function hexOf(latin1: string): string {
  return toHex(Uint8Array.from(latin1, character => character.charCodeAt(0)))
}
