/** Content-addressed archives, https://ipld.io/specs/transport/car: version 1 is written, 1 and 2 are read. */
import { asyncIterableReader, type Block, type BytesReader, type CarDecoder, createDecoder } from '@ipld/car/decoder'
import * as dagCbor from '@ipld/dag-cbor'
import type { AbortOptions } from '@libp2p/interface'
import { concat, encodeVarint } from '@weft/bytes'
import { throwIfAborted } from '@weft/errors'
import type { Blockstore } from 'interface-blockstore'
import type { MultihashHasher } from 'multiformats'
import type { CID } from 'multiformats/cid'
import { registryOf, verify } from './codecs.ts'
import { InvalidCarError, isLimitExceededError, LimitExceededError } from './errors.ts'
import { type BlockSource, limitsOf, type ReadLimits } from './load.ts'
import { type TraverseOptions, traverse } from './traverse.ts'

/** What `importCar` takes beside the bytes. */
export interface ImportOptions extends AbortOptions, Pick<ReadLimits, 'maxBlocks' | 'maxBytes' | 'maxBlockBytes'> {
  /** Hash functions beside sha2-256, sha2-512 and identity. */
  readonly hashers?: readonly MultihashHasher[]
}

/** What was imported. */
export interface Imported {
  /** The roots that the file names. Whether their blocks are in it, it does not say. */
  readonly roots: readonly CID[]
  /** Blocks that were stored. */
  readonly blocks: number
  /** Bytes of these blocks. */
  readonly bytes: number
}

// A CID of a sha2-512 takes 70 bytes; a header with a thousand roots 40 KiB.
const maxHeaderBytes = 1024 * 1024

/**
 * Stores the blocks of a CAR file, each held to its CID, as they come: one block is in memory at a time. Rejects with
 * `InvalidCarError`, `InvalidBlockError`, `LimitExceededError`; what came before stays stored.
 */
export async function importCar(
  car: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  blocks: Pick<Blockstore, 'put'>,
  options: ImportOptions = {}
): Promise<Imported> {
  const { maxBlocks, maxBytes, maxBlockBytes } = limitsOf(options)
  const registry = registryOf(options)
  const file = new CarFile(car, maxBlockBytes)
  let count = 0
  let bytes = 0
  const roots = await file.roots()
  for (let block = await file.next(); block !== undefined; block = await file.next()) {
    throwIfAborted(options.signal)
    if (++count > maxBlocks) throw new LimitExceededError('maxBlocks', maxBlocks)
    bytes += block.bytes.length
    if (bytes > maxBytes) throw new LimitExceededError('maxBytes', maxBytes)
    await verify(block.cid, block.bytes, registry)
    await blocks.put(block.cid, block.bytes, options)
  }
  return { roots, blocks: count, bytes }
}

/** The bytes of a CAR file (version 1) of everything under the roots, as `traverse` finds it. */
export async function* exportCar(
  source: BlockSource,
  roots: CID | readonly CID[],
  options: TraverseOptions = {}
): AsyncGenerator<Uint8Array> {
  const list = [roots].flat()
  const header = dagCbor.encode({ version: 1, roots: list })
  yield concat([encodeVarint(header.length), header])
  for await (const { cid, bytes } of traverse(source, list, options)) {
    yield concat([encodeVarint(cid.bytes.length + bytes.length), cid.bytes, bytes])
  }
}

/** Reads a CAR file. What is wrong with the file rejects with `InvalidCarError`; what its source throws is passed on. */
class CarFile {
  private readonly _decoder: CarDecoder
  private readonly _reader: LimitedReader
  private readonly _maxBlockBytes: number
  private _blocks: AsyncIterator<Block> | undefined
  private _sourceError: unknown

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBlockBytes: number) {
    this._reader = new LimitedReader(asyncIterableReader(this._read(source)), 'header of the file', maxHeaderBytes)
    this._decoder = createDecoder(this._reader)
    this._maxBlockBytes = maxBlockBytes
  }

  async roots(): Promise<readonly CID[]> {
    const { roots } = await this._decode(this._decoder.header())
    this._reader.allow('maxBlockBytes', this._maxBlockBytes)
    return roots
  }

  /** `undefined` at the end of the file. */
  async next(): Promise<Block | undefined> {
    this._blocks ??= this._decoder.blocks()[Symbol.asyncIterator]()
    const { done, value } = await this._decode(this._blocks.next())
    return done === true ? undefined : value
  }

  private async _decode<T>(decoded: Promise<T>): Promise<T> {
    try {
      return await decoded
    } catch (error) {
      if (error === this._sourceError || isLimitExceededError(error)) throw error
      throw new InvalidCarError((error as Error).message, { cause: error })
    }
  }

  private async *_read(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* source
    } catch (error) {
      this._sourceError = error
      throw error
    }
  }
}

/** A reader that refuses a length before it gathers so much. */
class LimitedReader implements BytesReader {
  private readonly _reader: BytesReader
  private _limit: string
  private _most: number

  constructor(reader: BytesReader, limit: string, most: number) {
    this._reader = reader
    this._limit = limit
    this._most = most
  }

  get pos(): number {
    return this._reader.pos
  }

  /** From now on so many bytes are read at once. */
  allow(limit: string, most: number): void {
    this._limit = limit
    this._most = most
  }

  async upTo(length: number): Promise<Uint8Array> {
    return this._reader.upTo(length)
  }

  async exactly(length: number, seek?: boolean): Promise<Uint8Array> {
    if (length > this._most) throw new LimitExceededError(this._limit, this._most)
    return this._reader.exactly(length, seek)
  }

  seek(length: number): void {
    this._reader.seek(length)
  }
}
