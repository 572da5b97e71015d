/** Decodes blocks and holds them to their CIDs. */
import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import * as dagPb from '@ipld/dag-pb'
import { equals } from '@weft/bytes'
import type { BlockCodec, MultihashHasher } from 'multiformats'
import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { identity } from 'multiformats/hashes/identity'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import { InvalidBlockError } from './errors.ts'

/** A codec of multiformats, whatever it decodes to. */
export type AnyCodec = Pick<BlockCodec<number, unknown>, 'code' | 'decode' | 'name'>

/** The codecs and hash functions that are known. */
export interface Registry {
  readonly codecs: ReadonlyMap<number, AnyCodec>
  readonly hashers: ReadonlyMap<number, MultihashHasher>
}

/** Beside dag-cbor, dag-json, dag-pb and raw; sha2-256, sha2-512 and identity. */
export interface RegistryOptions {
  /** Further codecs. */
  readonly codecs?: readonly AnyCodec[]
  /** Further hash functions. */
  readonly hashers?: readonly MultihashHasher[]
}

const defaultCodecs: readonly AnyCodec[] = [dagCbor, dagJson, dagPb, raw]
const defaultHashers: readonly MultihashHasher[] = [sha256, sha512, identity]

/** The defaults, and what a caller added. */
export function registryOf({ codecs = [], hashers = [] }: RegistryOptions): Registry {
  return {
    codecs: new Map([...defaultCodecs, ...codecs].map(codec => [codec.code, codec])),
    hashers: new Map([...defaultHashers, ...hashers].map(hasher => [hasher.code, hasher]))
  }
}

/** Throws `InvalidBlockError` unless the bytes are what the CID names. */
export async function verify(cid: CID, bytes: Uint8Array, { hashers }: Registry): Promise<void> {
  const { code, digest } = cid.multihash
  const hasher = hashers.get(code)
  if (hasher === undefined) {
    throw new InvalidBlockError(
      cid.toString(),
      `its hash function 0x${code.toString(16)} is unknown: give it as hashers`
    )
  }
  const found = await hasher.digest(bytes)
  // A truncated digest is that of its full length, cut.
  if (equals(found.digest.subarray(0, digest.length), digest)) return
  throw new InvalidBlockError(cid.toString(), 'its bytes have another hash')
}

/** The data of a block. Throws `InvalidBlockError` where its codec is unknown or does not take the bytes. */
export function decode(cid: CID, bytes: Uint8Array, { codecs }: Registry): unknown {
  const codec = codecs.get(cid.code)
  if (codec === undefined) {
    throw new InvalidBlockError(cid.toString(), `its codec 0x${cid.code.toString(16)} is unknown: give it as codecs`)
  }
  try {
    return codec.decode(bytes)
  } catch (cause) {
    // A RangeError too: of data that are nested so deeply that the decoder's stack ends.
    throw new InvalidBlockError(cid.toString(), `it is no ${codec.name}`, { cause })
  }
}
