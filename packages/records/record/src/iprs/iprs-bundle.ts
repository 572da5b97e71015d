/**
 * The full record ("The Objects"): one CAR file of version 1 with the signature as its root, and after it the objects that
 * the signature lists, in that order. It has no other form: equal records are equal bytes.
 */
import * as dagCbor from '@ipld/dag-cbor'
import { concat, decodeVarint, encodeVarint, equals, varintLength } from '@weft/bytes'
import { InvalidRecordError } from '@weft/interface-record-store'
import { CID } from 'multiformats/cid'
import {
  decodeRecordObject,
  decodeSignatureObject,
  type RecordObject,
  type SignatureObject,
  signedBytes
} from '../core/iprs-objects.ts'
import { cidLength, type IprsBlock, isBlock } from './iprs-block.ts'

/** Bytes of a full record: what peers of kad-dht take at most. */
export const maxIprsLength: number = 64 * 1024
/** Objects of a full record, the signature among them. */
export const maxIprsObjects = 64

/** A record as it was read. Whether it is valid is said by the validator. */
export interface IprsRecord extends Readonly<RecordObject> {
  /** The CID of the record object: the same, whoever signs it. */
  readonly cid: CID
  /** Who signed it. */
  readonly signature: Readonly<SignatureObject> & { readonly cid: CID; readonly signed: Uint8Array }
  /** The objects that came with it, the record object first. */
  readonly objects: readonly IprsBlock[]
}

/** One object of those that came with a record, or undefined. */
export function objectOf({ objects }: IprsRecord, cid: CID): Uint8Array | undefined {
  return objects.find(object => object.cid.equals(cid))?.bytes
}

/** The bytes of a full record. Throws `InvalidRecordError` where it is too large. */
export function encodeBundle(signature: IprsBlock, objects: readonly IprsBlock[]): Uint8Array<ArrayBuffer> {
  if (objects.length >= maxIprsObjects) {
    throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a full record has at most ${maxIprsObjects} objects`)
  }
  const parts = [headerOf(signature.cid)]
  for (const { cid, bytes } of [signature, ...objects]) {
    parts.push(encodeVarint(cidLength + bytes.byteLength), cid.bytes, bytes)
  }
  const bundle = concat(parts)
  if (bundle.byteLength <= maxIprsLength) return bundle
  throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a full record has at most ${maxIprsLength} bytes`)
}

/**
 * Reads a full record, without verifying its signature: a validator does. Every object is held to its CID. Objects are
 * views of the input. Throws `InvalidRecordError`.
 */
export function decodeIprsRecord(bytes: Uint8Array): IprsRecord {
  if (bytes.byteLength > maxIprsLength) {
    throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `a full record has at most ${maxIprsLength} bytes`)
  }
  try {
    const [root, ...objects] = readBlocks(bytes)
    const signature = decodeSignatureObject(root!.bytes)
    const [record] = objects
    if (record === undefined || !record.cid.equals(signature.record)) throw new Error('the record does not come first')
    if (root!.cid.code !== dagCbor.code || record.cid.code !== dagCbor.code) throw new Error('it is not in DAG-CBOR')
    const listed = signature.objects
    if (listed.length !== objects.length || !objects.every(({ cid }, index) => cid.equals(listed[index]))) {
      throw new Error('the objects are not those that the signature lists')
    }
    return {
      ...decodeRecordObject(record.bytes),
      cid: record.cid,
      signature: { ...signature, cid: root!.cid, signed: signedBytes(signature) },
      objects
    }
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'bytes are no full record of IPRS', { cause })
  }
}

function headerOf(root: CID): Uint8Array {
  const header = dagCbor.encode({ roots: [root], version: 1 })
  return concat([encodeVarint(header.byteLength), header])
}

/** At least the root, which the header names. */
function readBlocks(bytes: Uint8Array): IprsBlock[] {
  const blocks: IprsBlock[] = []
  // The header has one length, whatever the root is.
  let offset = headerLength
  while (offset < bytes.byteLength) {
    if (blocks.length === maxIprsObjects) throw new Error(`there are more than ${maxIprsObjects} objects`)
    const length = decodeVarint(bytes, offset)
    offset += varintLength(length)
    if (length < cidLength || length > bytes.byteLength - offset) throw new Error('an object is cut off')
    const cid = CID.decode(new Uint8Array(bytes.subarray(offset, offset + cidLength)))
    const block = { cid, bytes: bytes.subarray(offset + cidLength, offset + length) }
    if (!isBlock(block)) throw new Error(`the bytes of ${cid.toString()} have another hash`)
    if (blocks.some(other => other.cid.equals(cid))) throw new Error('an object comes twice')
    blocks.push(block)
    offset += length
  }
  const [root] = blocks
  if (root === undefined) throw new Error('there is no root')
  if (!equals(bytes.subarray(0, headerLength), headerOf(root.cid))) throw new Error('the header does not name the root')
  return blocks
}

// Length, map of 2, "roots", list of 1, tag 42, byte string, the CID behind its zero, "version", 1.
const headerLength = 1 + 1 + 6 + 1 + 2 + 2 + 1 + cidLength + 8 + 1
