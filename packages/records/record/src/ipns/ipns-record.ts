/** IPNS records: a name that is a key points to a path, for a time (IPNS Record and Protocol, specs.ipfs.tech). */
import type { AbortOptions, PeerId, PrivateKey } from '@libp2p/interface'
import { concat, fromUtf8, toUtf8 } from '@weft/bytes'
import { InvalidRecordError } from '@weft/interface-record-store'
import { identity } from '@weft/multihash'
import { peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { decodeIpnsData, encodeIpnsData, type IpnsData, maxInteger } from '../core/ipns-data.ts'
import {
  endOfLife,
  type IpnsMessage,
  ipnsMessage,
  maxIpnsLength,
  signedBytesV1,
  signedBytesV2
} from '../core/ipns-message.ts'
import { formatTime, parseTime } from '../rfc3339.ts'

/** What a record says, whoever signed it. */
export interface IpnsRecord {
  /** The path that the name points to, such as `/ipfs/<cid>`. */
  value: string
  /** Newer records have higher numbers, up to 2^63 - 1. */
  sequence: bigint
  /** Nanoseconds since 1970 from which on it is not valid. */
  validUntil: bigint
  /** Nanoseconds for which it may be used without looking for a newer one. */
  ttl: bigint
}

/** How a record is made. */
export interface CreateIpnsOptions extends AbortOptions {
  /** Milliseconds for which it is valid. @default 172800000, 48 hours, as long as peers of kad-dht keep it */
  lifetime?: number
  /** Milliseconds for which it may be used without looking for a newer one. @default 300000 */
  ttl?: number
  /** Whether it also has the fields of version 1, for readers from before 2021. @default true */
  v1Compatible?: boolean
  /** The clock, milliseconds since 1970. @default Date.now */
  now?: () => number
}

const defaultLifetime = 48 * 60 * 60 * 1000
const defaultTtl = 5 * 60 * 1000
const nanoseconds = 1_000_000n
const prefix = fromUtf8('/ipns/')

/** The key under which the records of a name are stored. */
export function ipnsRecordKey(name: PeerId): Uint8Array<ArrayBuffer> {
  return concat([prefix, name.toMultihash().bytes])
}

/**
 * Signs a record. Throws `InvalidRecordError` where it would not be valid: a sequence beyond 2^63 - 1, or more than
 * 10 KiB in all.
 */
export async function createIpnsRecord(
  privateKey: PrivateKey,
  value: string,
  sequence: bigint | number,
  options: CreateIpnsOptions = {}
): Promise<Uint8Array<ArrayBuffer>> {
  const { lifetime = defaultLifetime, ttl = defaultTtl, v1Compatible = true, now = Date.now } = options
  const fields: IpnsData = {
    value: fromUtf8(value),
    validity: fromUtf8(formatTime(now() + lifetime)),
    sequence: BigInt(sequence),
    ttl: BigInt(Math.floor(ttl)) * nanoseconds
  }
  if (fields.sequence < 0n || fields.sequence > maxInteger) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'a sequence is 0 to 2^63 - 1')
  }
  const data = encodeIpnsData(fields)
  const message: IpnsMessage = { data, signatureV2: await privateKey.sign(signedBytesV2(data), options) }
  if (v1Compatible) {
    const signatureV1 = await privateKey.sign(signedBytesV1(fields.value, fields.validity), options)
    Object.assign(message, { ...fields, signatureV1, validityType: endOfLife })
  }
  // A name that is the key itself needs no second copy of it.
  const isInline = peerIdFromPrivateKey(privateKey).toMultihash().code === identity.code
  if (!isInline) message.publicKey = publicKeyToProtobuf(privateKey.publicKey)
  const record = ipnsMessage.encode(message)
  if (record.byteLength <= maxIpnsLength) return record
  throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `an IPNS record has at most ${maxIpnsLength} bytes`)
}

/**
 * Reads what a record says, without verifying it: `ipnsValidator` does. Throws `InvalidRecordError` where it has no
 * readable data of version 2.
 */
export function decodeIpnsRecord(record: Uint8Array): IpnsRecord {
  const { fields } = readIpnsRecord(record)
  return {
    value: readText(fields.value),
    sequence: fields.sequence,
    validUntil: readValidity(fields),
    ttl: fields.ttl
  }
}

/** The message and the fields that are signed in it. Throws `InvalidRecordError`. */
export function readIpnsRecord(record: Uint8Array): { message: IpnsMessage; data: Uint8Array; fields: IpnsData } {
  if (record.byteLength > maxIpnsLength) {
    throw new InvalidRecordError('ERR_RECORD_TOO_LARGE', `an IPNS record has at most ${maxIpnsLength} bytes`)
  }
  try {
    const message = ipnsMessage.decode(record, { maxSize: maxIpnsLength })
    if (message.data === undefined || message.signatureV2 === undefined) throw new Error('version 2 is missing')
    return { message, data: message.data, fields: decodeIpnsData(message.data) }
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'bytes are no IPNS record', { cause })
  }
}

/** Nanoseconds since 1970. Throws `InvalidRecordError`. */
export function readValidity({ validity }: IpnsData): bigint {
  const time = parseTime(readText(validity))
  if (time === undefined) throw new InvalidRecordError('ERR_INVALID_RECORD', 'the validity is no time of RFC 3339')
  return time
}

function readText(bytes: Uint8Array): string {
  try {
    return toUtf8(bytes)
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'value and validity are text in UTF-8', { cause })
  }
}
