/** Reads the repositories of kubo, js-ipfs and Helia, and changes nothing in them. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { AbortOptions } from '@libp2p/interface'
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { throwIfAborted, WeftError } from '@weft/errors'
import { ClassicLevel } from 'classic-level'
import type { Pair as Block } from 'interface-blockstore'
import { Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { blockFiles, type FileBlockstoreOptions, readOptions } from '../blocks/file-blockstore.ts'
import { type ReadOptions, readBlock } from '../blocks/read-block.ts'
import { foreignBlockNames } from '../core/block-names.ts'
import { type ConfigObject, RepoConfig } from '../config.ts'
import { keysOf, pairsOf, plain, selected } from '../datastore/query.ts'
import { LockedError } from '../errors.ts'
import { ifThere } from '../files.ts'
import { copyDatastore } from './datastore-copy.ts'
import { type ForeignKind, foreignKind } from './foreign-kind.ts'
import { heldLock } from './held-locks.ts'

/** A repository of another program, open for reading. */
export interface ForeignRepo extends ForeignKind {
  /** As it was given. */
  readonly folder: string
  /** Found under the names of kubo, js-ipfs and Helia. */
  readonly blocks: ForeignBlocks
  /** A temporary copy. */
  readonly datastore: ForeignDatastore
  /** What its file `config` says; an empty object for Helia, which has none. */
  config(): Promise<ConfigObject>
  /** Deletes the temporary copy of the datastore. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The reading half of a block store. What is read is hashed: a damaged file rejects with `DataLossError`. */
export interface ForeignBlocks {
  /** Whether there is a file of that block; it is not read. */
  has(cid: CID, options?: AbortOptions): Promise<boolean>
  /** Throws `NotFoundError`. */
  get(cid: CID, options?: AbortOptions): AsyncGenerator<Uint8Array>
  /** All blocks, in no order. */
  getAll(options?: AbortOptions): AsyncGenerator<Block>
}

/** The reading half of a datastore. Its values have no checksum. */
export interface ForeignDatastore {
  /** Whether something is stored at a key. */
  has(key: Key, options?: AbortOptions): Promise<boolean>
  /** Rejects with `NotFoundError`. */
  get(key: Key, options?: AbortOptions): Promise<Uint8Array>
  /** Pairs, in the order of their keys unless the query has another. */
  query(query: Query, options?: AbortOptions): AsyncGenerator<Pair>
  /** Keys alone. */
  queryKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key>
}

/**
 * Opens a repository of kubo (flatfs and LevelDB), js-ipfs (7 and later) or Helia. Rejects with `LockedError` where a
 * program has it open, and with `UnsupportedRepoError`, which names the remedy, where it is of another kind.
 */
export async function openForeignRepo(folder: string, options: FileBlockstoreOptions = {}): Promise<ForeignRepo> {
  const kind = await foreignKind(folder)
  for (const name of ['repo.lock', path.join('datastore', 'LOCK')]) {
    const held = await heldLock(path.join(folder, name), name === 'repo.lock')
    if (held !== undefined) throw new LockedError(folder, held.pid)
  }
  const { copy, remove } = await copyDatastore(path.join(folder, 'datastore'))
  const level = new ClassicLevel<Uint8Array, Uint8Array>(copy, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: false
  })
  try {
    await level.open()
  } catch (error) {
    await remove()
    throw error
  }
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    closed ??= level.close().finally(remove)
    await closed
  }
  return {
    ...kind,
    folder,
    blocks: new Blocks(path.join(folder, 'blocks'), readOptions(options)),
    datastore: new Records(level),
    config: async () => new RepoConfig(path.join(folder, 'config')).get(),
    close,
    [Symbol.asyncDispose]: close
  }
}

class Blocks implements ForeignBlocks {
  private readonly _folder: string
  private readonly _options: ReadOptions

  constructor(folder: string, options: ReadOptions) {
    this._folder = folder
    this._options = options
  }

  async has(cid: CID, options?: AbortOptions): Promise<boolean> {
    throwIfAborted(options?.signal)
    for (const { folder, file } of foreignBlockNames(cid)) {
      if ((await ifThere(stat(path.join(this._folder, folder, file)))) !== undefined) return true
    }
    return false
  }

  async *get(cid: CID, options?: AbortOptions): AsyncGenerator<Uint8Array> {
    throwIfAborted(options?.signal)
    for (const { folder, file } of foreignBlockNames(cid)) {
      const bytes = await readBlock(path.join(this._folder, folder, file), cid, this._options)
      if (bytes !== undefined) return yield bytes
    }
    throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `there is no block ${cid.toString()}`)
  }

  async *getAll(options?: AbortOptions): AsyncGenerator<Block> {
    for await (const { multihash } of blockFiles(this._folder)) {
      throwIfAborted(options?.signal)
      const cid = cidOf(multihash)
      if (cid !== undefined) yield { cid, bytes: this.get(cid, options) }
    }
  }
}

class Records implements ForeignDatastore {
  private readonly _level: ClassicLevel<Uint8Array, Uint8Array>

  constructor(level: ClassicLevel<Uint8Array, Uint8Array>) {
    this._level = level
  }

  async has(key: Key, options?: AbortOptions): Promise<boolean> {
    throwIfAborted(options?.signal)
    return this._level.has(fromUtf8(key.toString()))
  }

  async get(key: Key, options?: AbortOptions): Promise<Uint8Array> {
    throwIfAborted(options?.signal)
    const value = await this._level.get(fromUtf8(key.toString()))
    if (value === undefined)
      throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `nothing is stored at ${key.toString()}`)
    return plain(value)
  }

  async *query(query: Query, options?: AbortOptions): AsyncGenerator<Pair> {
    const pairs = pairsOf(this._level, query.prefix, (key, value) => ({ key: new Key(toUtf8(key), false), value }))
    yield* selected(pairs, query, options)
  }

  async *queryKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key> {
    yield* selected(keysOf(this._level, query.prefix), query, options)
  }
}

/** A file's name is a multihash (kubo, js 8 and later), a multihash with its multibase prefix (Helia) or a CID (js 7). */
function cidOf(name: Uint8Array): CID | undefined {
  try {
    return name[0] === 1 ? CID.decode(name) : CID.createV1(raw.code, Digest.decode(name))
  } catch {
    return undefined
  }
}
