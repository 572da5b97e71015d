/**
 * File names of blocks: kubo's `flatfs` with the shard function `next-to-last/2`, which is ours too, and the forms of
 * js-ipfs up to repository 7 and of Helia's `blockstore-fs`.
 */
import { base32upper } from 'multiformats/bases/base32'
import type { CID } from 'multiformats/cid'

/** What kubo writes into `blocks/SHARDING`. */
export const shardFunction = '/repo/flatfs/shard/v1/next-to-last/2'

/** The extension of a block's file. */
const blockExtension = '.data'

/** Where a block lies, relative to `blocks`. */
export interface BlockName {
  readonly folder: string
  readonly file: string
}

/** Our form, and kubo's: base 32 of the multihash in upper case; the folder is the two characters before the last. */
export function blockName(multihash: Uint8Array): BlockName {
  const name = text(multihash)
  return { folder: nextToLast(name), file: name + blockExtension }
}

/** Every form under which a block may lie in a repository of others, kubo's first. */
export function foreignBlockNames(cid: CID): BlockName[] {
  const names = [blockName(cid.multihash.bytes)]
  if (cid.version === 1) {
    const whole = text(cid.bytes)
    names.push({ folder: nextToLast(whole), file: whole + blockExtension })
  }
  const hash = base32upper.encode(cid.multihash.bytes)
  // Helia names the folder by the last two characters, and keeps the multibase prefix.
  names.push({ folder: hash.slice(-2), file: hash + blockExtension })
  return names
}

/** The bytes that a file is named by, a multihash (in js-ipfs 7 perhaps a CID); `undefined` where the name is none. */
export function bytesOfName(file: string): Uint8Array | undefined {
  if (!file.endsWith(blockExtension)) return undefined
  const name = file.slice(0, -blockExtension.length)
  try {
    // Helia's names have the prefix. No other begins with it: the first byte would be 8 to 15, which no multihash has.
    return base32upper.decode(name.startsWith(base32upper.prefix) ? name : base32upper.prefix + name)
  } catch {
    return undefined
  }
}

function text(bytes: Uint8Array): string {
  return base32upper.encode(bytes).slice(1)
}

function nextToLast(name: string): string {
  return name.padStart(3, '_').slice(-3, -1)
}
