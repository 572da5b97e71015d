/** Which full records are valid, and which of them is the best. */
import type { AbortOptions } from '@libp2p/interface'
import { compare, equals, fromUtf8 } from '@weft/bytes'
import { InvalidRecordError, type Validator } from '@weft/interface-record-store'
import { peerIdFromPublicKey, publicKeyFromProtobuf } from '@weft/peer-id'
import { ancestryScheme } from './ancestry.ts'
import { dateRangeScheme, type IprsClock } from './date-range.ts'
import { decodeIprsRecord, type IprsRecord } from './iprs-bundle.ts'
import { maxTopicLength } from './iprs-record.ts'
import { type IprsScheme, schemeTable } from './iprs-scheme.ts'

/** Options of `createIprsValidator`. */
export interface IprsValidatorOptions extends IprsClock {
  /**
   * The schemes that are known: records of others are invalid. @default date range and ancestry, the two that need nothing
   * else; `ttlScheme` and `freshnessScheme` take what they need
   */
  schemes?: readonly IprsScheme[]
}

const prefix = fromUtf8('/iprs/')
const slash = 0x2f

/** The validator of `/iprs/`, for any record store. */
export function createIprsValidator(options: IprsValidatorOptions = {}): Validator {
  const { schemes = [dateRangeScheme(options), ancestryScheme()] } = options
  const schemeOf = schemeTable(schemes)
  const order = orderOf(schemeOf)
  return {
    async validate(key, record, abort) {
      const name = readName(key)
      const decoded = decodeIprsRecord(record)
      if (!equals(decoded.signature.name, name)) {
        throw new InvalidRecordError('ERR_INVALID_RECORD', 'the record is one of another key')
      }
      const scheme = schemeOf(decoded)
      await verify(decoded, abort)
      await scheme.validate(decoded, abort)
    },
    select(_key, records) {
      const decoded = records.map(decodeIprsRecord)
      let best = 0
      for (const [index, candidate] of decoded.entries()) if (order(candidate, decoded[best]!) > 0) best = index
      return best
    }
  }
}

/**
 * The total order of full records: 1 when `a` is better than `b`, -1 when it is worse, 0 when they are the same bytes. The
 * version decides, then the scheme's CID, the scheme, the hash of the record and that of the signature. Throws
 * `InvalidRecordError` for what is no full record, or one of an unknown scheme.
 */
export function createIprsOrder(schemes: readonly IprsScheme[]): (a: Uint8Array, b: Uint8Array) => -1 | 0 | 1 {
  const order = orderOf(schemeTable(schemes))
  return (a, b) => Math.sign(order(decodeIprsRecord(a), decodeIprsRecord(b))) as -1 | 0 | 1
}

function orderOf(schemeOf: (record: IprsRecord) => IprsScheme): (a: IprsRecord, b: IprsRecord) => number {
  return (a, b) => {
    const [scheme, other] = [schemeOf(a), schemeOf(b)]
    if (a.version !== b.version) return a.version - b.version
    return (
      compare(scheme.cid.bytes, other.cid.bytes) ||
      scheme.compare(a, b) ||
      compare(a.cid.bytes, b.cid.bytes) ||
      compare(a.signature.cid.bytes, b.signature.cid.bytes)
    )
  }
}

function readName(key: Uint8Array): Uint8Array {
  if (!equals(key.subarray(0, prefix.byteLength), prefix)) {
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', 'the key of an IPRS record begins with /iprs/')
  }
  return key.subarray(prefix.byteLength)
}

/** The name is that of the key, and the key made the signature. */
async function verify({ signature }: IprsRecord, options?: AbortOptions): Promise<void> {
  const publicKey = readKey(signature.key)
  const id = peerIdFromPublicKey(publicKey).toMultihash().bytes
  const topic = signature.name.subarray(id.byteLength)
  const isOwn =
    equals(signature.name.subarray(0, id.byteLength), id) &&
    (topic.byteLength === 0 || (topic[0] === slash && topic.byteLength > 1 && topic.byteLength <= maxTopicLength + 1))
  if (!isOwn) throw new InvalidRecordError('ERR_INVALID_RECORD', 'the key in the record is not that of its name')
  if (await publicKey.verify(signature.signed, signature.signature, options)) return
  throw new InvalidRecordError('ERR_INVALID_RECORD', 'the signature is not that of the name')
}

function readKey(bytes: Uint8Array): ReturnType<typeof publicKeyFromProtobuf> {
  try {
    return publicKeyFromProtobuf(bytes)
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'there is no key to verify the record', { cause })
  }
}
