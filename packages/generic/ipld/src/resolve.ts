import * as dagPb from '@ipld/dag-pb'
import type { AbortOptions } from '@libp2p/interface'
import { InvalidParametersError, throwIfAborted } from '@weft/errors'
import { CID } from 'multiformats/cid'
import { decode, type RegistryOptions, registryOf } from './codecs.ts'
import { child, linkOf, pbChild } from './core/data.ts'
import { PathNotFoundError } from './errors.ts'
import { type BlockSource, Loader, limitsOf, type ReadLimits } from './load.ts'

/** What `resolve` takes beside the path. */
export interface ResolveOptions extends AbortOptions, ReadLimits, RegistryOptions {
  /** Takes `{ mlink: '<CID>' }` for a link too, as before CIDs had a type of their own. Default: false. */
  readonly merkleLinks?: boolean
}

/** Where a path ends. */
export interface Resolved {
  /** The block in which it ends. */
  readonly cid: CID
  /** The rest of the path, inside that block: empty where it ends at the block itself. */
  readonly path: string
  /** What lies there: a part of the block, or the whole of it. */
  readonly value: unknown
  /** The blocks that were read, in order. */
  readonly blocks: readonly CID[]
}

// Longer than any path that a person or a program means.
const maxPathSegments = 1024

/**
 * Follows a path, `<CID>/name/name` with or without `/ipfs/` or `/ipld/` before it, through blocks and across links. In
 * dag-pb a name is that of a link, as in UnixFS directories; HAMT-sharded directories are not entered by name. Rejects
 * with `PathNotFoundError`, `InvalidBlockError`, `LimitExceededError`, and what the store rejects with.
 */
export async function resolve(
  source: BlockSource,
  path: string | CID,
  options: ResolveOptions = {}
): Promise<Resolved> {
  const registry = registryOf(options)
  const form = { merkleLinks: options.merkleLinks ?? false }
  const loader = new Loader(source, registry, limitsOf(options))
  const { root, names } = parse(path)
  const blocks: CID[] = []

  const load = async (cid: CID): Promise<unknown> => {
    throwIfAborted(options.signal)
    blocks.push(cid)
    return decode(cid, await loader.load(cid, blocks.length - 1, options), registry)
  }

  let cid = root
  let value = await load(cid)
  let inside: string[] = []
  for (const [at, name] of names.entries()) {
    const found = cid.code === dagPb.code && inside.length === 0 ? pbChild(value, name) : child(value, name)
    if (found === undefined) throw new PathNotFoundError(names.slice(at).join('/'), cid.toString())
    const link = linkOf(found, form)
    if (link === undefined) {
      value = found
      inside.push(name)
    } else {
      cid = link
      value = await load(cid)
      inside = []
    }
  }
  return { cid, path: inside.join('/'), value, blocks }
}

function parse(path: string | CID): { root: CID; names: string[] } {
  if (typeof path !== 'string') return { root: path, names: [] }
  const [root = '', ...names] = path.replace(/^\/(ipfs|ipld)\//, '').split('/')
  if (names.length > maxPathSegments) throw new InvalidParametersError(`a path has at most ${maxPathSegments} segments`)
  try {
    return { root: CID.parse(root), names: names.filter(name => name !== '') }
  } catch (cause) {
    throw new InvalidParametersError(`the path does not begin with a CID: ${path.slice(0, 80)}`, { cause })
  }
}
