/** The data model: what a block decodes to, its links, and steps of a path in it. */
import { CID } from 'multiformats/cid'

/** How links are told from other data. */
export interface LinkForm {
  /** Takes `{ mlink: '<CID>' }` for a link: the early form, before CIDs had a type of their own. */
  readonly merkleLinks: boolean
}

/** The CID that a value is a link to. */
export function linkOf(value: unknown, { merkleLinks }: LinkForm): CID | undefined {
  const cid = CID.asCID(value)
  if (cid !== null) return cid
  if (!merkleLinks || typeof value !== 'object' || value === null) return undefined
  const { mlink } = value as { mlink?: unknown }
  if (typeof mlink !== 'string') return undefined
  try {
    return CID.parse(mlink.replace(/^\/ipfs\//, ''))
  } catch {
    return undefined
  }
}

/** All links of a value, in its order. No recursion: data of a remote may be nested deeply. */
export function* linksIn(value: unknown, form: LinkForm): Generator<CID> {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array) continue
    const cid = linkOf(next, form)
    if (cid !== undefined) {
      yield cid
      continue
    }
    const children: unknown[] = Array.isArray(next) ? next : Object.values(next)
    // The last one that is pushed is the first one that is taken.
    for (let i = children.length - 1; i >= 0; i--) waiting.push(children[i])
  }
}

/** What lies under a name; `undefined` where nothing does. */
export function child(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(name) ? (value[Number(name)] as unknown) : undefined
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

interface PbLink {
  readonly Name?: string
  readonly Hash: CID
}

/**
 * A step in a node of dag-pb: the link of that name, as in a UnixFS directory; otherwise the field of that name, as in
 * `Links/0/Hash`.
 */
export function pbChild(value: unknown, name: string): unknown {
  const links = (value as { Links?: PbLink[] }).Links ?? []
  return links.find(link => link.Name === name)?.Hash ?? child(value, name)
}
