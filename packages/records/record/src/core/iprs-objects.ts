/** The objects of IPRS as blocks of DAG-CBOR ("The Objects"): each is read only in the bytes that it is written in. */
import * as dagCbor from '@ipld/dag-cbor'
import { equals, fromUtf8 } from '@weft/bytes'
import { CID } from 'multiformats/cid'

/** What a record says, and under what rules it is valid. */
export interface RecordObject {
  /** The rules of its validity. */
  scheme: CID
  /** What it is about: something that comes with it, or lies elsewhere. */
  value: CID
  /** 0 to 2^53 - 1. */
  version: number
  /** Data of the scheme. */
  validity: unknown
}

/** Who says it, under which name, and which objects make up the full record. */
export interface SignatureObject {
  /** The public key, as its protobuf. */
  key: Uint8Array
  /** What stands behind `/iprs/` in the key of the record. */
  name: Uint8Array
  /** The record that is signed. */
  record: CID
  /** The record, then what else comes with it. */
  objects: CID[]
  /** Over name, record and objects. */
  signature: Uint8Array
}

/** A value that only those who have a key can read. */
export interface EncryptionObject {
  algorithm: string
  nonce: Uint8Array
  /** The encrypted bytes. */
  data: CID
}

// Keeps the signature from being one of another protocol.
const domain = fromUtf8('libp2p-iprs-signature:')

/** What a signature is over: everything but the key, which it proves, and itself. */
export function signedBytes({ name, record, objects }: Omit<SignatureObject, 'key' | 'signature'>): Uint8Array {
  const content = dagCbor.encode({ name, record, objects })
  const signed = new Uint8Array(domain.byteLength + content.byteLength)
  signed.set(domain)
  signed.set(content, domain.byteLength)
  return signed
}

export function encodeRecordObject({ scheme, value, version, validity }: RecordObject): Uint8Array {
  return dagCbor.encode({ scheme, value, version, validity })
}

export function encodeSignatureObject({ key, name, record, objects, signature }: SignatureObject): Uint8Array {
  return dagCbor.encode({ key, name, record, objects, signature })
}

export function encodeEncryptionObject({ algorithm, nonce, data }: EncryptionObject): Uint8Array {
  return dagCbor.encode({ algorithm, nonce, data })
}

/** Throws `Error` for other bytes than `encodeRecordObject` makes. */
export function decodeRecordObject(bytes: Uint8Array): RecordObject {
  const { scheme, value, version, validity } = decodeMap(bytes, 4)
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 0) {
    throw new Error('version is no integer from 0 to 2^53 - 1')
  }
  if (validity === undefined) throw new Error('validity is missing')
  return { scheme: readLink('scheme', scheme), value: readLink('value', value), version, validity }
}

/** Throws `Error` for other bytes than `encodeSignatureObject` makes. */
export function decodeSignatureObject(bytes: Uint8Array): SignatureObject {
  const { key, name, record, objects, signature } = decodeMap(bytes, 5)
  if (!Array.isArray(objects)) throw new Error('objects is no list')
  return {
    key: readBytes('key', key),
    name: readBytes('name', name),
    record: readLink('record', record),
    objects: objects.map(object => readLink('objects', object)),
    signature: readBytes('signature', signature)
  }
}

/** Throws `Error` for other bytes than `encodeEncryptionObject` makes. */
export function decodeEncryptionObject(bytes: Uint8Array): EncryptionObject {
  const { algorithm, nonce, data } = decodeMap(bytes, 3)
  if (typeof algorithm !== 'string') throw new Error('algorithm is no text')
  return { algorithm, nonce: readBytes('nonce', nonce), data: readLink('data', data) }
}

/** A map of so many entries, in the one form that is written. */
function decodeMap(bytes: Uint8Array, entries: number): Record<string, unknown> {
  const map: unknown = dagCbor.decode(bytes)
  if (!isMap(map) || Object.keys(map).length !== entries) throw new Error(`it is no map of ${entries} entries`)
  if (!equals(dagCbor.encode(map), bytes)) throw new Error('it is not in the form of DAG-CBOR')
  return map
}

/** Whether data is a map, and not one of the other kinds that are objects in JavaScript. */
export function isMap(data: unknown): data is Record<string, unknown> {
  return (
    typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    !(data instanceof Uint8Array) &&
    CID.asCID(data) === null
  )
}

function readLink(name: string, value: unknown): CID {
  const link = CID.asCID(value)
  if (link === null) throw new Error(`${name} is no link`)
  return link
}

function readBytes(name: string, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error(`${name} is no byte string`)
  return value
}
