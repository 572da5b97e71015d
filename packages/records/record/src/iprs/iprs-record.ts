/** Makes full records, and the keys under which they are stored. */
import type { AbortOptions, PeerId, PrivateKey } from '@libp2p/interface'
import { concat, fromUtf8 } from '@weft/bytes'
import { InvalidRecordError } from '@weft/interface-record-store'
import { peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { encodeRecordObject, encodeSignatureObject, signedBytes } from '../core/iprs-objects.ts'
import { blockOf, type IprsBlock } from './iprs-block.ts'
import { encodeBundle, type IprsRecord, objectOf } from './iprs-bundle.ts'
import type { IprsTerms } from './iprs-scheme.ts'

/** What a record is made of. */
export interface CreateIprsOptions extends AbortOptions {
  /**
   * The value: a block of `iprsValue`, which comes with the record, or the blocks of `encryptIprsValue`, or only the link to
   * something that lies elsewhere.
   */
  value: IprsBlock | readonly IprsBlock[] | CID
  /** When it is valid: `validWithin`, `validFor`, `succeeding`, `freshBy`, or those of a scheme of your own. */
  terms: IprsTerms
  /** Higher versions are better, whatever the scheme; 0 to 2^53 - 1. @default that of the terms, or 0 */
  version?: number
  /** As in the key: what tells the records of one signer apart. @default '' */
  topic?: string
}

/** Bytes of a topic. */
export const maxTopicLength = 64

const prefix = fromUtf8('/iprs/')
const slash = Uint8Array.of(0x2f)

/** The key under which the records of a signer are stored: `/iprs/<multihash of the peer id>`, and `/<topic>` if any. */
export function iprsRecordKey(signer: PeerId, topic: string = ''): Uint8Array<ArrayBuffer> {
  return concat([prefix, nameOf(signer, topic)])
}

/** What stands behind `/iprs/`. Throws `InvalidRecordError` for a topic that is too long. */
function nameOf(signer: PeerId, topic: string): Uint8Array<ArrayBuffer> {
  const bytes = fromUtf8(topic)
  if (bytes.byteLength > maxTopicLength) {
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', `a topic has at most ${maxTopicLength} bytes`)
  }
  const id = signer.toMultihash().bytes
  return bytes.byteLength === 0 ? concat([id]) : concat([id, slash, bytes])
}

/** Signs a full record. Throws `InvalidRecordError` where it would be none: more than 64 KiB, or 64 objects. */
export async function createIprsRecord(
  privateKey: PrivateKey,
  options: CreateIprsOptions
): Promise<Uint8Array<ArrayBuffer>> {
  const { value, terms, version = terms.version ?? 0, topic = '' } = options
  if (!Number.isSafeInteger(version) || version < 0 || version !== (terms.version ?? version)) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'a version is 0 to 2^53 - 1, and that of the records before it')
  }
  const link = CID.asCID(value)
  const values = link === null ? [value as IprsBlock | readonly IprsBlock[]].flat() : []
  const target = link ?? values[0]?.cid
  if (target === undefined) throw new InvalidRecordError('ERR_INVALID_RECORD', 'the record has no value')
  const { scheme, validity } = terms
  const record = blockOf(encodeRecordObject({ scheme, value: target, version, validity }))
  const objects = withoutCopies([record, ...values, ...(terms.objects ?? [])])
  const content = {
    name: nameOf(peerIdFromPrivateKey(privateKey), topic),
    record: record.cid,
    objects: objects.map(({ cid }) => cid)
  }
  const signature = await privateKey.sign(signedBytes(content), options)
  const key = publicKeyToProtobuf(privateKey.publicKey)
  return encodeBundle(blockOf(encodeSignatureObject({ key, ...content, signature })), objects)
}

/** The value as it was given to `iprsValue`, or undefined where it did not come with the record, or is of another codec. */
export function readIprsValue(record: IprsRecord): unknown {
  const bytes = objectOf(record, record.value)
  if (bytes === undefined) return undefined
  if (record.value.code === raw.code) return new Uint8Array(bytes)
  if (record.value.code !== dagCbor.code) return undefined
  try {
    return dagCbor.decode(bytes)
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'the value is no DAG-CBOR', { cause })
  }
}

function withoutCopies(blocks: readonly IprsBlock[]): IprsBlock[] {
  return [...new Map(blocks.map(block => [block.cid.toString(), block])).values()]
}
