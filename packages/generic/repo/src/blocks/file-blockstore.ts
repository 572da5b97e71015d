/** A block store that is a folder of files, in kubo's layout. */
import { mkdir, opendir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { AbortOptions } from '@libp2p/interface'
import { concat } from '@weft/bytes'
import { throwIfAborted, WeftError } from '@weft/errors'
import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import type { MultihashHasher } from 'multiformats'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { blockName, bytesOfName, shardFunction } from '../core/block-names.ts'
import { codeOf, ifThere, isTemporaryName, syncFolder, writeFileAtomic } from '../files.ts'
import { defaultHashers } from './block-hashes.ts'
import { checkBlockLength, type ReadOptions, readBlock } from './read-block.ts'

type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>
type Many<T> = Iterable<T> | AsyncIterable<T>

/** Longest block, bytes: twice what Bitswap and kubo take. */
export const defaultMaxBlockBytes: number = 4 * 1024 * 1024

/** How a block store is opened. */
export interface FileBlockstoreOptions {
  /** Whether a block is on disk when `put` resolves. Default: true. */
  readonly sync?: boolean
  /** Longest block, bytes. Default: 4 MiB. */
  readonly maxBlockBytes?: number
  /** Hash functions beside sha2-256, sha2-512 and identity. A block whose function is unknown cannot be read. */
  readonly hashers?: readonly MultihashHasher[]
}

/**
 * Blocks lie under their multihash, so each is found by either version of its CID. What is read is hashed again: a
 * damaged file rejects with `DataLossError`.
 */
export class FileBlockstore implements Blockstore {
  private readonly _folder: string
  private readonly _sync: boolean
  private readonly _read: ReadOptions
  private readonly _folders = new Set<string>()

  private constructor(folder: string, { sync = true, ...options }: FileBlockstoreOptions) {
    this._folder = folder
    this._sync = sync
    this._read = readOptions(options)
  }

  /** Opens the blocks in `folder`, or makes it. */
  static async open(folder: string, options: FileBlockstoreOptions = {}): Promise<FileBlockstore> {
    await mkdir(folder, { recursive: true })
    const sharding = path.join(folder, 'SHARDING')
    if ((await ifThere(stat(sharding))) === undefined) await writeFileAtomic(sharding, `${shardFunction}\n`)
    return new FileBlockstore(folder, options)
  }

  async has(cid: CID, options?: AbortOptions): Promise<boolean> {
    throwIfAborted(options?.signal)
    return (await ifThere(stat(this._fileOf(cid)))) !== undefined
  }

  /** Rejects with `BlockTooLargeError` as soon as more than `maxBlockBytes` came. */
  async put(cid: CID, block: Bytes, options?: AbortOptions): Promise<CID> {
    throwIfAborted(options?.signal)
    const bytes = await gather(block, this._read.maxBlockBytes)
    throwIfAborted(options?.signal)
    const { folder, file } = blockName(cid.multihash.bytes)
    await this._makeFolder(folder)
    await writeFileAtomic(path.join(this._folder, folder, file), bytes, { sync: this._sync })
    return cid
  }

  /** Throws `NotFoundError`, and `DataLossError` where the file is not the block. */
  async *get(cid: CID, options?: AbortOptions): AsyncGenerator<Uint8Array> {
    throwIfAborted(options?.signal)
    const bytes = await readBlock(this._fileOf(cid), cid, this._read)
    if (bytes === undefined)
      throw new WeftError('NotFoundError', 'ERR_NOT_FOUND', `there is no block ${cid.toString()}`)
    yield bytes
  }

  async delete(cid: CID, options?: AbortOptions): Promise<void> {
    throwIfAborted(options?.signal)
    await rm(this._fileOf(cid), { force: true })
  }

  async *putMany(source: Many<InputPair>, options?: AbortOptions): AsyncGenerator<CID> {
    for await (const { cid, bytes } of source) yield this.put(cid, bytes, options)
  }

  async *getMany(source: Many<CID>, options?: AbortOptions): AsyncGenerator<Pair> {
    for await (const cid of source) yield { cid, bytes: this.get(cid, options) }
  }

  async *deleteMany(source: Many<CID>, options?: AbortOptions): AsyncGenerator<CID> {
    for await (const cid of source) {
      await this.delete(cid, options)
      yield cid
    }
  }

  /** All blocks, in no order. Their CIDs are of version 1 with the codec "raw": a file's name holds the multihash alone. */
  async *getAll(options?: AbortOptions): AsyncGenerator<Pair> {
    for await (const { multihash } of blockFiles(this._folder)) {
      throwIfAborted(options?.signal)
      const cid = CID.createV1(raw.code, Digest.decode(multihash))
      yield { cid, bytes: this.get(cid, options) }
    }
  }

  private _fileOf(cid: CID): string {
    const { folder, file } = blockName(cid.multihash.bytes)
    return path.join(this._folder, folder, file)
  }

  private async _makeFolder(name: string): Promise<void> {
    if (this._folders.has(name)) return
    try {
      await mkdir(path.join(this._folder, name))
      if (this._sync) await syncFolder(this._folder)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    this._folders.add(name)
  }
}

/** What reading takes, with the defaults filled in. */
export function readOptions({
  hashers = [],
  maxBlockBytes = defaultMaxBlockBytes
}: FileBlockstoreOptions): ReadOptions {
  return { maxBlockBytes, hashers: new Map([...defaultHashers, ...hashers].map(hasher => [hasher.code, hasher])) }
}

/** Every file of a block store that is named as a block is. */
export async function* blockFiles(folder: string): AsyncGenerator<{ file: string; multihash: Uint8Array }> {
  for await (const shard of await opendir(folder)) {
    if (!shard.isDirectory()) continue
    for await (const entry of await opendir(path.join(folder, shard.name))) {
      const multihash = bytesOfName(entry.name)
      if (multihash !== undefined) yield { file: path.join(folder, shard.name, entry.name), multihash }
    }
  }
}

/** Deletes what crashes left in a block store. Gives the number of files. */
export async function removeLeftovers(folder: string): Promise<number> {
  let removed = 0
  for await (const shard of await opendir(folder)) {
    if (!shard.isDirectory()) continue
    for await (const { name } of await opendir(path.join(folder, shard.name))) {
      if (!isTemporaryName(name)) continue
      await rm(path.join(folder, shard.name, name), { force: true })
      removed++
    }
  }
  return removed
}

async function gather(block: Bytes, maxBlockBytes: number): Promise<Uint8Array> {
  if (block instanceof Uint8Array) {
    checkBlockLength(block.length, maxBlockBytes)
    return block
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of block) {
    length += chunk.length
    checkBlockLength(length, maxBlockBytes)
    chunks.push(chunk)
  }
  return concat(chunks, length)
}
