/** Reads a block's file and holds it to its CID. */
import { open } from 'node:fs/promises'
import { WeftError } from '@weft/errors'
import type { MultihashHasher } from 'multiformats'
import type { CID } from 'multiformats/cid'
import { DataLossError } from '../errors.ts'
import { ifThere } from '../files.ts'
import { checkBlock } from './block-hashes.ts'

/** How blocks are read. */
export interface ReadOptions {
  readonly hashers: ReadonlyMap<number, MultihashHasher>
  /** Longest block, bytes. */
  readonly maxBlockBytes: number
}

/**
 * The bytes of a block; `undefined` where there is no such file. Rejects with `DataLossError` where they are not what the
 * CID names, and with `BlockTooLargeError` before a longer file than `maxBlockBytes` is read.
 */
export async function readBlock(
  file: string,
  cid: CID,
  { hashers, maxBlockBytes }: ReadOptions
): Promise<Uint8Array | undefined> {
  const handle = await ifThere(open(file, 'r'))
  if (handle === undefined) return undefined
  let bytes: Uint8Array
  try {
    checkBlockLength((await handle.stat()).size, maxBlockBytes)
    const { buffer, byteOffset, length } = await handle.readFile()
    bytes = new Uint8Array(buffer, byteOffset, length)
  } finally {
    await handle.close()
  }
  const verdict = await checkBlock(cid, bytes, hashers)
  if (verdict === 'right') return bytes
  if (verdict === 'wrong') {
    throw new DataLossError(file, `it is not the block ${cid.toString()}`, 'delete it, and get the block again')
  }
  throw new WeftError(
    'UnknownHashError',
    'ERR_UNKNOWN_HASH',
    `the block ${cid.toString()} cannot be checked: give the hash function 0x${cid.multihash.code.toString(16)} as hashers`
  )
}

/** Throws `BlockTooLargeError` where a block is longer than a store takes. */
export function checkBlockLength(length: number, maxBlockBytes: number): void {
  if (length <= maxBlockBytes) return
  throw new WeftError(
    'BlockTooLargeError',
    'ERR_BLOCK_TOO_LARGE',
    `a block has ${length} bytes, more than the ${maxBlockBytes} that are allowed`,
    { facts: { length, maxBlockBytes } }
  )
}
