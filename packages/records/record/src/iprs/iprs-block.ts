/** Objects with their CIDs: version 1, SHA2-256. */
import * as dagCbor from '@ipld/dag-cbor'
import { equals } from '@weft/bytes'
import { sha256 } from '@weft/multihash'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'

/** An object of the merkle DAG. */
export interface IprsBlock {
  /** Its address: version 1, SHA2-256. */
  readonly cid: CID
  /** What it consists of. */
  readonly bytes: Uint8Array
}

/** Bytes of such a CID: version, codec, hash function and length take one each. */
export const cidLength = 36

/** The block of bytes that are encoded already. */
export function blockOf(bytes: Uint8Array, codec: number = dagCbor.code): IprsBlock {
  return { cid: CID.createV1(codec, sha256.digest(bytes)), bytes }
}

/**
 * Data as the value of a record: bytes as they are (raw), everything else as DAG-CBOR. Throws `Error` for what that has no
 * form for, such as `undefined` and functions.
 */
export function iprsValue(data: unknown): IprsBlock {
  return data instanceof Uint8Array ? blockOf(new Uint8Array(data), raw.code) : blockOf(dagCbor.encode(data))
}

/** Whether the bytes are what the CID names; false for CIDs of another form. */
export function isBlock({ cid, bytes }: IprsBlock): boolean {
  return isOwnForm(cid) && equals(sha256.digest(bytes).digest, cid.multihash.digest)
}

/** Whether a CID is of the one form that full records hold. */
export function isOwnForm(cid: CID): boolean {
  return cid.version === 1 && cid.byteLength === cidLength && cid.multihash.code === sha256.code
}
