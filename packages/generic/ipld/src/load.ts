/** Takes blocks out of a store, within limits. */
import type { AbortOptions } from '@libp2p/interface'
import { concat } from '@weft/bytes'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { type Registry, verify } from './codecs.ts'
import { LimitExceededError } from './errors.ts'

/** What blocks are read from: the `get` of a block store. */
export type BlockSource = Pick<Blockstore, 'get'>

/** The most that one call reads. */
export interface ReadLimits {
  /** Blocks that lie behind one another. Default: 1,024. */
  readonly maxDepth?: number
  /** Blocks that are read. Default: 1,000,000. */
  readonly maxBlocks?: number
  /** Bytes of all blocks. Default: 64 GiB. */
  readonly maxBytes?: number
  /** Bytes of one block. Default: 4 MiB, twice what Bitswap takes. */
  readonly maxBlockBytes?: number
}

/** The limits with their defaults. */
export function limitsOf(limits: ReadLimits): Required<ReadLimits> {
  return {
    maxDepth: limits.maxDepth ?? 1024,
    maxBlocks: limits.maxBlocks ?? 1_000_000,
    maxBytes: limits.maxBytes ?? 64 * 1024 ** 3,
    maxBlockBytes: limits.maxBlockBytes ?? 4 * 1024 ** 2
  }
}

/** Reads blocks and counts them. */
export class Loader {
  private readonly _source: BlockSource
  private readonly _registry: Registry
  private readonly _limits: Required<ReadLimits>
  private _blocks = 0
  private _bytes = 0

  constructor(source: BlockSource, registry: Registry, limits: Required<ReadLimits>) {
    this._source = source
    this._registry = registry
    this._limits = limits
  }

  /** The bytes of a block, held to its CID. `depth` is 0 for the root. */
  async load(cid: CID, depth: number, options: AbortOptions): Promise<Uint8Array> {
    const { maxDepth, maxBlocks, maxBytes, maxBlockBytes } = this._limits
    if (depth > maxDepth) throw new LimitExceededError('maxDepth', maxDepth)
    if (++this._blocks > maxBlocks) throw new LimitExceededError('maxBlocks', maxBlocks)
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of this._source.get(cid, options)) {
      length += chunk.length
      if (length > maxBlockBytes) throw new LimitExceededError('maxBlockBytes', maxBlockBytes)
      chunks.push(chunk)
    }
    this._bytes += length
    if (this._bytes > maxBytes) throw new LimitExceededError('maxBytes', maxBytes)
    const bytes = chunks.length === 1 ? chunks[0]! : concat(chunks, length)
    await verify(cid, bytes, this._registry)
    return bytes
  }
}
