import type { AbortOptions } from '@libp2p/interface'
import { throwIfAborted } from '@weft/errors'
import type { CID } from 'multiformats/cid'
import { decode, type RegistryOptions, registryOf } from './codecs.ts'
import { linksIn } from './core/data.ts'
import { LimitExceededError } from './errors.ts'
import { type BlockSource, Loader, limitsOf, type ReadLimits } from './load.ts'

/** What `traverse` takes beside the root. */
export interface TraverseOptions extends AbortOptions, ReadLimits, RegistryOptions {
  /** Takes `{ mlink: '<CID>' }` for a link too, as before CIDs had a type of their own. Default: false. */
  readonly merkleLinks?: boolean
  /** Links of one block that are followed. Default: 100,000. A block of 4 MiB holds more only of its own making. */
  readonly maxLinks?: number
}

/** A block of a graph. */
export interface TraversedBlock {
  /** Its CID, as the link to it has it. */
  readonly cid: CID
  /** Its bytes, held to the CID. */
  readonly bytes: Uint8Array
  /** Links from the root to it, on the way by which it was reached first. */
  readonly depth: number
}

interface Waiting {
  readonly cid: CID
  readonly depth: number
}

const defaultMaxLinks = 100_000

/**
 * All blocks of a graph, each once, a parent before its children and the children in the order of its links: the order
 * of CAR files. Throws `InvalidBlockError` and `LimitExceededError`, and what the store throws.
 */
export async function* traverse(
  source: BlockSource,
  roots: CID | readonly CID[],
  options: TraverseOptions = {}
): AsyncGenerator<TraversedBlock> {
  const registry = registryOf(options)
  const limits = limitsOf(options)
  const loader = new Loader(source, registry, limits)
  const maxLinks = options.maxLinks ?? defaultMaxLinks
  const form = { merkleLinks: options.merkleLinks ?? false }
  const seen = new Set<string>()
  // The next one last.
  const waiting: Waiting[] = [roots]
    .flat()
    .map(cid => ({ cid, depth: 0 }))
    .toReversed()
  while (waiting.length > 0) {
    const { cid, depth } = waiting.pop()!
    const name = cid.toString()
    if (seen.has(name)) continue
    seen.add(name)
    throwIfAborted(options.signal)
    const bytes = await loader.load(cid, depth, options)
    const value = decode(cid, bytes, registry)
    yield { cid, bytes, depth }
    const links: Waiting[] = []
    for (const link of linksIn(value, form)) {
      if (links.length >= maxLinks) throw new LimitExceededError('maxLinks', maxLinks)
      links.push({ cid: link, depth: depth + 1 })
    }
    for (const link of links.reverse()) waiting.push(link)
    // What waits is bounded by what may be read.
    if (waiting.length > limits.maxBlocks) throw new LimitExceededError('maxBlocks', limits.maxBlocks)
  }
}
