import type { AbortOptions } from '@libp2p/interface'
import { equals, toHex } from '@weft/bytes'
import { KeyedQueue } from '@weft/collections'
import { asError, isNotFoundError, NotFoundError, throwIfAborted } from '@weft/errors'
import {
  type FoundRecord,
  type GetRecordOptions,
  InvalidRecordError,
  isPreferred,
  isValidRecord,
  namespaceOf,
  type PutOutcome,
  type PutRecordOptions,
  QuorumError,
  type RecordStore,
  type RecordStoreCapabilities,
  type Validator,
  type Validators,
  validatorFor
} from '@weft/interface-record-store'
import { type Datastore, Key } from 'interface-datastore'
import { base32upper } from 'multiformats/bases/base32'
import { sizeOf, Usage } from './usage.ts'

/** What a record store over a datastore takes. */
export interface DatastoreRecordStoreInit {
  /** Where the records lie. Several nodes may share one where it is shared itself, as a bucket of S3 is. */
  datastore: Datastore
  /** The namespaces that are stored, and their rules. Records of others are refused. */
  validators: Validators
  /** Name of the store in outcomes. @default 'datastore' */
  name?: string
  /** Keys of the datastore begin with it. @default '/records' */
  prefix?: string
  /** Whether records outlive the process. @default true */
  persistent?: boolean
  /** Whether other nodes use the same datastore. @default false */
  shared?: boolean
  /** Largest record, bytes. @default 65536 */
  maxValue?: number
  /** Longest key, bytes. @default 512 */
  maxKey?: number
  /** Bytes of all records and keys. @default 67108864 (64 MiB) */
  maxBytes?: number
}

/** Makes a record store over a datastore. */
export function datastoreRecordStore(init: DatastoreRecordStoreInit): DatastoreRecordStore {
  return new DatastoreRecordStore(init)
}

/**
 * Keeps the best valid record of each key. When `maxBytes` is reached, records whose time is over give way; where that
 * does not help, a put fails with `RecordStoreFullError` as its outcome.
 */
export class DatastoreRecordStore implements RecordStore {
  readonly name: string
  readonly capabilities: RecordStoreCapabilities
  private readonly _datastore: Datastore
  private readonly _validators: Validators
  private readonly _prefix: string
  private readonly _maxKey: number
  private readonly _usage: Usage
  private readonly _queue = new KeyedQueue()

  constructor(init: DatastoreRecordStoreInit) {
    const { datastore, validators, name = 'datastore', prefix = '/records', persistent = true, shared = false } = init
    const { maxValue = 65_536, maxKey = 512, maxBytes = 64 * 1024 * 1024 } = init
    this.name = name
    this.capabilities = { persistent, shared, maxValue, providers: false }
    this._datastore = datastore
    this._validators = validators
    this._prefix = prefix
    this._maxKey = maxKey
    this._usage = new Usage(datastore, prefix, maxBytes)
  }

  async put(key: Uint8Array, record: Uint8Array, options: PutRecordOptions = {}): Promise<PutOutcome[]> {
    throwIfAborted(options.signal)
    const validator = this._validatorFor(key)
    const { maxValue } = this.capabilities
    if (record.byteLength > maxValue) {
      throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a record has at most ${maxValue} bytes`)
    }
    const copy = new Uint8Array(record)
    await validator.validate(key, copy, options)
    throwIfAborted(options.signal)
    // What a full store forgets, it forgets before it takes the key's turn: the turns of others are taken for it.
    if (!(await this._usage.hasRoom(sizeOf(key, copy)))) await this.sweep(options)
    // One after another for a key: what is compared is what is replaced.
    const outcome = await this._queue.run(toHex(key), async () => this._store(validator, key, copy, options))
    const { quorum = 1 } = options
    if (quorum > 1 || outcome.status !== 'stored') throw new QuorumError(quorum, [outcome])
    return [outcome]
  }

  async *get(key: Uint8Array, options: GetRecordOptions = {}): AsyncGenerator<FoundRecord> {
    throwIfAborted(options.signal)
    const validator = this._validatorFor(key)
    const record = await this._read(key, options)
    if (record === undefined) return
    yield { record, from: { store: this.name }, valid: await isValidRecord(validator, key, record, options) }
  }

  async getBest(key: Uint8Array, options: GetRecordOptions = {}): Promise<Uint8Array> {
    for await (const { record, valid } of this.get(key, options)) if (valid) return record
    throw new NotFoundError(`${this.name} holds no valid record under this key`)
  }

  async delete(key: Uint8Array, options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    await this._queue.run(toHex(key), async () => {
      const held = await this._read(key, options)
      if (held !== undefined) await this._remove(key, held)
    })
  }

  /** Deletes the records whose time is over. Gives their number. */
  async sweep(options: AbortOptions = {}): Promise<number> {
    let swept = 0
    for await (const stored of this._datastore.queryKeys({ prefix: `${this._prefix}/` }, options)) {
      const key = this._recordKeyOf(stored)
      const validator = key === undefined ? undefined : this._validatorOf(key)
      // What has no rules here is of another node that shares the datastore.
      if (key === undefined || validator === undefined) continue
      swept += await this._queue.run(toHex(key), async () => {
        const held = await this._read(key, options)
        if (held === undefined || (await isValidRecord(validator, key, held, options))) return 0
        await this._remove(key, held)
        return 1
      })
    }
    return swept
  }

  private async _store(
    validator: Validator,
    key: Uint8Array,
    record: Uint8Array,
    options: AbortOptions
  ): Promise<PutOutcome> {
    const to = { store: this.name }
    try {
      const held = await this._read(key, options)
      if (held !== undefined && (await isValidRecord(validator, key, held, options))) {
        if (equals(held, record)) return { to, status: 'stored' }
        if (!isPreferred(validator, key, record, held)) return { to, status: 'outdated' }
      }
      const more = sizeOf(key, record) - (held === undefined ? 0 : sizeOf(key, held))
      await this._usage.adding(more, async () => this._datastore.put(this._keyOf(key), record))
      return { to, status: 'stored' }
    } catch (error) {
      throwIfAborted(options.signal)
      return { to, status: 'failed', error: asError(error) }
    }
  }

  private async _read(key: Uint8Array, options: AbortOptions): Promise<Uint8Array | undefined> {
    try {
      return await this._datastore.get(this._keyOf(key), options)
    } catch (error) {
      if (isNotFoundError(error)) return undefined
      throw error
    }
  }

  private async _remove(key: Uint8Array, held: Uint8Array): Promise<void> {
    await this._usage.adding(-sizeOf(key, held), async () => this._datastore.delete(this._keyOf(key)))
  }

  /** Throws `InvalidRecordError`, as the contract says. */
  private _validatorFor(key: Uint8Array): Validator {
    if (key.byteLength > this._maxKey) {
      throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', `a key has at most ${this._maxKey} bytes`)
    }
    return validatorFor(this._validators, key)
  }

  private _validatorOf(key: Uint8Array): Validator | undefined {
    const namespace = namespaceOf(key)
    return namespace !== undefined && Object.hasOwn(this._validators, namespace)
      ? this._validators[namespace]
      : undefined
  }

  /** Base 32, so that any key is a name: the form that go-libp2p and kubo have below a prefix of their own. */
  private _keyOf(key: Uint8Array): Key {
    return new Key(`${this._prefix}/${base32upper.encode(key).slice(1)}`)
  }

  private _recordKeyOf(stored: Key): Uint8Array | undefined {
    try {
      return base32upper.decode(base32upper.prefix + stored.toString().slice(this._prefix.length + 1))
    } catch {
      return undefined
    }
  }
}
