/** A datastore in LevelDB that tells when something it acknowledged is damaged or gone. */
import type { AbortOptions } from '@libp2p/interface'
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { throwIfAborted, WeftError } from '@weft/errors'
import { ClassicLevel } from 'classic-level'
import { type Batch, type Datastore, Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { frameValue, unframeValue } from '../core/value-frame.ts'
import { DataLossError, LockedError } from '../errors.ts'
import { checkFiles, remedy } from './check-files.ts'
import { CommitCounter } from './commit-counter.ts'
import { CommitQueue, type Operation } from './commit-queue.ts'
import { keysOf, pairsOf, selected } from './query.ts'

type Many<T> = Iterable<T> | AsyncIterable<T>
type Level = ClassicLevel<Uint8Array, Uint8Array>

/** How a datastore is opened. */
export interface LevelDatastoreOptions {
  /** Whether a write is on disk when its promise resolves. Writes that wait share one fsync. Default: true. */
  readonly sync?: boolean
  /** Opens what is left of a damaged datastore instead of rejecting. Default: false. */
  readonly acceptDataLoss?: boolean
}

// Outside of what keys of the contract can be: they begin with a slash.
const countKey = fromUtf8('!commits')
// So many puts of `putMany` wait for the disk together.
const maxWaiting = 128

/**
 * Values lie with a checksum over key and value, every file is held to LevelDB's checksums before it is opened, and
 * commits are counted in a file beside the folder, so that loss is told: reads and `open` reject with `DataLossError`.
 */
export class LevelDatastore implements Datastore {
  private readonly _folder: string
  private readonly _level: Level
  private readonly _counter: CommitCounter
  private readonly _queue: CommitQueue
  private readonly _sync: boolean
  private _commits = 0
  private _failure: WeftError | undefined

  private constructor(folder: string, level: Level, counter: CommitCounter, sync: boolean) {
    this._folder = folder
    this._level = level
    this._counter = counter
    this._sync = sync
    this._queue = new CommitQueue(async operations => this._write(operations))
  }

  /** Opens the datastore in `folder`, or makes it. Rejects with `LockedError` and `DataLossError`. */
  static async open(folder: string, options: LevelDatastoreOptions = {}): Promise<LevelDatastore> {
    const { sync = true, acceptDataLoss = false } = options
    if (!acceptDataLoss) await checkFiles(folder)
    const level = await openLevel(folder, acceptDataLoss)
    try {
      const counter = await CommitCounter.open(`${folder}.count`)
      const store = new LevelDatastore(folder, level, counter, sync)
      await store._readCount(acceptDataLoss)
      return store
    } catch (error) {
      await level.close()
      throw error
    }
  }

  /** Resolves when everything that was put is on disk. */
  async close(): Promise<void> {
    await this._queue.idle()
    await this._level.close()
    await this._counter.close()
  }

  /** Rewrites LevelDB's files without what was deleted or replaced. */
  async compact(): Promise<void> {
    await this._level.compactRange(Uint8Array.of(0), Uint8Array.of(255))
  }

  async has(key: Key, options?: AbortOptions): Promise<boolean> {
    throwIfAborted(options?.signal)
    return this._level.has(fromUtf8(key.toString()))
  }

  /** Rejects with `WriteFailedError` where the disk is full or fails, and from then on until it is opened again. */
  async put(key: Key, value: Uint8Array, options?: AbortOptions): Promise<Key> {
    throwIfAborted(options?.signal)
    await this._queue.add([putOperation(key, value)])
    return key
  }

  /** Rejects with `NotFoundError`, and with `DataLossError` where what is stored is not what was put. */
  async get(key: Key, options?: AbortOptions): Promise<Uint8Array> {
    throwIfAborted(options?.signal)
    const bytes = fromUtf8(key.toString())
    const framed = await this._level.get(bytes)
    if (framed === undefined)
      throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `nothing is stored at ${key.toString()}`)
    return this._unframe(bytes, framed)
  }

  async delete(key: Key, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    await this._queue.add([{ type: 'del', key: fromUtf8(key.toString()) }])
  }

  /** Yields a key when it is stored. Up to 128 puts wait for the disk together. */
  async *putMany(source: Many<Pair>, options?: AbortOptions): AsyncGenerator<Key> {
    yield* pipelined(source, async ({ key, value }) => this.put(key, value, options))
  }

  async *getMany(source: Many<Key>, options?: AbortOptions): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: await this.get(key, options) }
  }

  async *deleteMany(source: Many<Key>, options?: AbortOptions): AsyncGenerator<Key> {
    yield* pipelined(source, async key => this.delete(key, options).then(() => key))
  }

  /** All of a batch is stored, or nothing of it. */
  batch(): Batch {
    const operations: Operation[] = []
    return {
      put: (key, value) => void operations.push(putOperation(key, value)),
      delete: key => void operations.push({ type: 'del', key: fromUtf8(key.toString()) }),
      commit: async options => {
        throwIfAborted(options?.signal)
        await this._queue.add(operations.splice(0))
      }
    }
  }

  async *query(query: Query, options?: AbortOptions): AsyncGenerator<Pair> {
    throwIfAborted(options?.signal)
    const pairs = pairsOf(this._level, query.prefix, (key, framed) => ({
      key: new Key(toUtf8(key), false),
      value: this._unframe(key, framed)
    }))
    yield* selected(pairs, query, options)
  }

  async *queryKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key> {
    throwIfAborted(options?.signal)
    yield* selected(keysOf(this._level, query.prefix), query, options)
  }

  private _unframe(key: Uint8Array, framed: Uint8Array): Uint8Array {
    const value = unframeValue(key, framed)
    if (value !== undefined) return value
    throw new DataLossError(this._folder, `the value of ${toUtf8(key)} is damaged`, remedy)
  }

  private async _write(operations: Operation[]): Promise<void> {
    if (this._failure !== undefined) throw this._failure
    const commits = this._commits + 1
    const count = frameValue(countKey, encodeCount(commits))
    try {
      await this._level.batch([...operations, { type: 'put', key: countKey, value: count }], { sync: this._sync })
    } catch (cause) {
      // LevelDB would go on behind a record that is half written, and what it puts there is lost when the log is read
      // again. So nothing is written any more: what is there stays whole.
      const message = `${this._folder}: nothing was stored, nor will be until it is opened again`
      this._failure = new WeftError('WriteFailedError', 'ERR_WRITE_FAILED', message, { cause })
      throw this._failure
    }
    this._commits = commits
    await this._counter.write(commits)
  }

  /** Compares the datastore's own count of commits with the file beside it. */
  private async _readCount(acceptDataLoss: boolean): Promise<void> {
    const framed = await this._level.get(countKey)
    const value = framed === undefined ? undefined : unframeValue(countKey, framed)
    this._commits = value === undefined ? 0 : decodeCount(value)
    const counted = (await this._counter.read()) ?? 0
    if (acceptDataLoss) {
      // Both agree from here on, the datastore first: it may know of more, never of fewer.
      this._commits = Math.max(this._commits, counted)
      await this._level.put(countKey, frameValue(countKey, encodeCount(this._commits)), { sync: true })
      await this._counter.reset(this._commits)
      return
    }
    if (counted <= this._commits && (framed === undefined) === (value === undefined)) return
    await this._counter.close()
    throw new DataLossError(this._folder, `${counted - this._commits} acknowledged commits are missing`, remedy)
  }
}

async function openLevel(folder: string, repair: boolean): Promise<Level> {
  // Without compression: so kubo keeps them, and so tables can be held to their checksums without decompressing.
  const settings = { keyEncoding: 'view', valueEncoding: 'view', compression: false } as const
  const level = new ClassicLevel<Uint8Array, Uint8Array>(folder, settings)
  try {
    await level.open()
    return level
  } catch (error) {
    const cause = (error as Error).cause as { code?: string; message?: string } | undefined
    if (cause?.code === 'LEVEL_LOCKED') throw new LockedError(folder, undefined, { cause: error })
    if (!repair) throw new DataLossError(folder, cause?.message ?? String(error), remedy, { cause: error })
  }
  await ClassicLevel.repair(folder)
  await level.open()
  return level
}

function putOperation(key: Key, value: Uint8Array): Operation {
  const bytes = fromUtf8(key.toString())
  return { type: 'put', key: bytes, value: frameValue(bytes, value) }
}

function encodeCount(count: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count))
  return bytes
}

function decodeCount(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0))
}

/** Runs `write` for the items of a source, many at a time, and yields the results in the source's order. */
async function* pipelined<T>(source: Many<T>, write: (item: T) => Promise<Key>): AsyncGenerator<Key> {
  const waiting: Array<Promise<Key>> = []
  for await (const item of source) {
    const written = write(item)
    // It is awaited below, perhaps after another one has failed: no rejection goes unhandled.
    written.catch(() => {})
    waiting.push(written)
    if (waiting.length >= maxWaiting) yield await waiting.shift()!
  }
  for (const written of waiting) yield await written
}
