import type { AbortOptions } from '@libp2p/interface'
import { compare, equals, toHex } from '@weft/bytes'
import { asError, NotFoundError, throwIfAborted } from '@weft/errors'
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
  type Validators,
  validatorFor
} from '@weft/interface-record-store'
import { sha256 } from '@weft/multihash'
import pg from 'pg'
import { RecordCache } from './cache.ts'
import { Gatherer } from './gather.ts'
import {
  channel,
  createTables,
  deleteStatement,
  getStatement,
  maxRows,
  powersOfTwo,
  putStatement,
  replaceStatement,
  sweepStatement
} from './schema.ts'

/**
 * What the selector of a namespace compares, as one integer: of two valid records the one with the higher rank is the
 * better, of equal ranks the one that comes last. Must agree with `select`.
 */
export type Rank = (key: Uint8Array, record: Uint8Array) => bigint

/** What a record store in PostgreSQL takes. */
export interface PgRecordStoreInit {
  /** Where the server is: `postgres://user@host/database`. */
  connectionString: string
  /** The namespaces that are stored, and their rules. Records of others are refused. */
  validators: Validators
  /**
   * Ranks by namespace, so that the server compares records itself, in batches. Records of other namespaces are read,
   * compared and replaced one by one, which costs two round trips each. @default none
   */
  ranks?: Readonly<Record<string, Rank>>
  /** Name of the store in outcomes. @default 'pg' */
  name?: string
  /** Largest record, bytes. @default 65536 */
  maxValue?: number
  /** Longest key, bytes. @default 512 */
  maxKey?: number
  /** Milliseconds for which a record is kept. @default 172800000, 48 hours */
  keepFor?: number
  /** Bytes of records that are kept in memory; 0 turns it off. @default 16777216, 16 MiB */
  maxCacheBytes?: number
  /** Connections to the server, beside the one that hears of changes. @default 4 */
  maxConnections?: number
  /** The clock, milliseconds since 1970. @default Date.now */
  now?: () => number
}

/** A record store in PostgreSQL. */
export interface PgRecordStore extends RecordStore {
  /** Makes the tables where they are not there, and listens for changes. Called by the first operation otherwise. */
  start(): Promise<void>
  /** Closes all connections. */
  stop(): Promise<void>
  /** Deletes the records that are kept no longer. Gives their number. */
  sweep(): Promise<number>
}

/** Makes a record store in PostgreSQL. */
export function pgRecordStore(init: PgRecordStoreInit): PgRecordStore {
  return new Store(init)
}

interface Row {
  readonly id: string
  readonly prefix: number
  readonly key: Buffer
  readonly value: Buffer
  readonly rank: string | null
  readonly expires: Date
}

// Others may write the key between two of them, each time something better.
const maxTries = 64
const reconnectAfter = 250
const connectWithin = 10_000
// 256 of them fit the 8,000 bytes of a notification.
const idLength = 12

class Store implements PgRecordStore {
  readonly name: string
  readonly capabilities: RecordStoreCapabilities
  private readonly _init: PgRecordStoreInit
  private readonly _now: () => number
  private readonly _cache: RecordCache
  private readonly _puts: Gatherer<Row, boolean>
  private readonly _gets: Gatherer<Pick<Row, 'id' | 'prefix' | 'key'>, Uint8Array | undefined>
  private _pool: pg.Pool | undefined
  private _starting: Promise<void> | undefined
  private _listener: pg.Client | undefined
  private _retry: ReturnType<typeof setTimeout> | undefined
  private _stopped = false

  constructor(init: PgRecordStoreInit) {
    const { name = 'pg', maxValue = 65_536, maxCacheBytes = 16 * 1024 * 1024, maxConnections = 4 } = init
    this.name = name
    this.capabilities = { persistent: true, shared: true, maxValue, providers: false }
    this._init = init
    this._now = init.now ?? Date.now
    this._cache = new RecordCache(maxCacheBytes)
    const lanes = Math.max(1, maxConnections >> 1)
    this._puts = new Gatherer(maxRows, lanes, async rows => this._putAll(rows))
    this._gets = new Gatherer(maxRows, lanes, async rows => this._getAll(rows))
  }

  async start(): Promise<void> {
    this._starting ??= this._start().catch((error: unknown) => {
      this._starting = undefined
      throw error
    })
    await this._starting
  }

  async stop(): Promise<void> {
    this._stopped = true
    clearTimeout(this._retry)
    await this._starting?.catch(() => undefined)
    await Promise.allSettled([this._listener?.end(), this._pool?.end()])
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
    const outcome = await this._store(new Uint8Array(key), copy, options)
    const { quorum = 1 } = options
    if (quorum > 1 || outcome.status !== 'stored') throw new QuorumError(quorum, [outcome])
    return [outcome]
  }

  async *get(key: Uint8Array, options: GetRecordOptions = {}): AsyncGenerator<FoundRecord> {
    throwIfAborted(options.signal)
    const validator = this._validatorFor(key)
    await this.start()
    const row = addressOf(key)
    const held = this._cache.get(row.id) ?? (await this._gets.add(row))
    throwIfAborted(options.signal)
    if (held === undefined) return
    const record = new Uint8Array(held)
    yield { record, from: { store: this.name }, valid: await isValidRecord(validator, key, record, options) }
  }

  async getBest(key: Uint8Array, options: GetRecordOptions = {}): Promise<Uint8Array> {
    for await (const { record, valid } of this.get(key, options)) if (valid) return record
    throw new NotFoundError(`${this.name} holds no valid record under this key`)
  }

  async delete(key: Uint8Array, options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    await this.start()
    const { id, prefix, key: bytes } = addressOf(key)
    await this._pool!.query({ name: 'delete', text: deleteStatement, values: [id, prefix, bytes] })
    this._cache.changed(id)
  }

  async sweep(): Promise<number> {
    await this.start()
    let swept = 0
    for (;;) {
      const { rowCount } = await this._pool!.query(sweepStatement, [new Date(this._now())])
      swept += rowCount ?? 0
      if (rowCount === null || rowCount < 1000) return swept
    }
  }

  private async _store(key: Uint8Array, record: Uint8Array, options: AbortOptions): Promise<PutOutcome> {
    const to = { store: this.name }
    try {
      await this.start()
      const row = this._rowOf(key, record)
      const validator = validatorFor(this._init.validators, key)
      for (let tries = 0; tries < maxTries; tries++) {
        if (await this._puts.add(row)) return { to, status: 'stored' }
        throwIfAborted(options.signal)
        // Something stands there that the server does not know to be worse.
        const held = await this._read(row)
        if (held === undefined) continue
        if (equals(held.value, record)) return { to, status: 'stored' }
        const keep = held.expires.getTime() > this._now() && (await isValidRecord(validator, key, held.value, options))
        if (keep && !isPreferred(validator, key, record, held.value)) return { to, status: 'outdated' }
        const { id, prefix, rank, expires } = row
        const values = [id, prefix, row.key, row.value, rank, expires, Buffer.from(held.value)]
        const { rowCount } = await this._pool!.query({ name: 'replace', text: replaceStatement, values })
        this._cache.changed(id)
        if (rowCount === 1) return { to, status: 'stored' }
      }
      throw new Error(`others wrote the key ${maxTries} times meanwhile`)
    } catch (error) {
      throwIfAborted(options.signal)
      return { to, status: 'failed', error: asError(error) }
    }
  }

  /** What stands there, whether it is kept any longer or not. */
  private async _read({ prefix, key }: Row): Promise<{ value: Uint8Array; expires: Date } | undefined> {
    const values = [new Date(0), prefix, key]
    const { rows } = await this._pool!.query({ name: 'get1', text: getStatement(1), values })
    return rows[0] as { value: Uint8Array; expires: Date } | undefined
  }

  /** Which of them were written. Sorted by key, so that two nodes never wait for each other in a ring. */
  private async _putAll(rows: Row[]): Promise<boolean[]> {
    const sorted = rows.toSorted((a, b) => a.prefix - b.prefix || compare(a.key, b.key))
    const written = new Set<string>()
    for (const part of powersOfTwo(sorted)) {
      const fields = part.flatMap(({ prefix, key, value, rank, expires }) => [prefix, key, value, rank, expires])
      const values = [part.map(({ id }) => id).join(''), ...fields]
      const query = { name: `put${part.length}`, text: putStatement(part.length), values }
      const result = await this._pool!.query(query)
      for (const { key } of result.rows as { key: Uint8Array }[]) written.add(toHex(key))
      for (const { id } of part) this._cache.changed(id)
    }
    return rows.map(({ key }) => written.has(toHex(key)))
  }

  private async _getAll(rows: Pick<Row, 'id' | 'prefix' | 'key'>[]): Promise<(Uint8Array | undefined)[]> {
    const reading = this._cache.begin()
    const found = new Map<string, Uint8Array>()
    const byId = new Map<string, Uint8Array>()
    try {
      for (const part of powersOfTwo(rows)) {
        const values = [new Date(this._now()), ...part.flatMap(({ prefix, key }) => [prefix, key])]
        const query = { name: `get${part.length}`, text: getStatement(part.length), values }
        const result = await this._pool!.query(query)
        for (const { key, value } of result.rows as { key: Uint8Array; value: Uint8Array }[]) {
          found.set(toHex(key), value)
        }
      }
      for (const { id, key } of rows) {
        const value = found.get(toHex(key))
        if (value !== undefined) byId.set(id, value)
      }
      return rows.map(({ key }) => found.get(toHex(key)))
    } finally {
      this._cache.end(reading, byId)
    }
  }

  private _rowOf(key: Uint8Array, record: Uint8Array): Row {
    const { ranks = {}, keepFor = 48 * 60 * 60 * 1000 } = this._init
    const namespace = namespaceOf(key)!
    const rank = Object.hasOwn(ranks, namespace) ? ranks[namespace] : undefined
    const expires = new Date(this._now() + keepFor)
    return { ...addressOf(key), value: Buffer.from(record), rank: rank?.(key, record).toString() ?? null, expires }
  }

  /** Throws `InvalidRecordError`, as the contract says. */
  private _validatorFor(key: Uint8Array): ReturnType<typeof validatorFor> {
    const { maxKey = 512, validators } = this._init
    if (key.byteLength <= maxKey) return validatorFor(validators, key)
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', `a key has at most ${maxKey} bytes`)
  }

  private async _start(): Promise<void> {
    const { connectionString, maxConnections = 4 } = this._init
    this._pool ??= new pg.Pool({ connectionString, max: maxConnections, connectionTimeoutMillis: connectWithin })
    // Of a connection that is not in use: the next query opens another.
    this._pool.on('error', () => undefined)
    await this._pool.query(createTables)
    await this._listen()
  }

  private async _listen(): Promise<void> {
    const listener = new pg.Client({ connectionString: this._init.connectionString })
    let lost = false
    const lose = (): void => {
      if (lost) return
      lost = true
      this._cache.listening = false
      if (this._stopped) return
      this._retry = setTimeout(() => void this._listen().catch(() => undefined), reconnectAfter)
      this._retry.unref()
    }
    listener.on('error', lose)
    listener.on('end', lose)
    listener.on('notification', ({ payload = '' }) => {
      for (let at = 0; at < payload.length; at += 2 * idLength)
        this._cache.changed(payload.slice(at, at + 2 * idLength))
    })
    try {
      await listener.connect()
      await listener.query(`listen ${channel}`)
    } catch (error) {
      lose()
      throw error
    }
    this._listener = listener
    if (this._stopped) await listener.end()
    // What changed while nobody listened is not known: the cache begins anew.
    if (!lost) this._cache.listening = true
  }
}

/** The place of a key, and its short name in notifications. */
function addressOf(key: Uint8Array): Pick<Row, 'id' | 'prefix' | 'key'> {
  const hash = sha256.encode(key) as Uint8Array
  return { id: toHex(hash.subarray(0, idLength)), prefix: hash[0]!, key: Buffer.from(key) }
}
