/** Which IPNS records are valid, and which of them is the best ("Record Verification"). */
import type { PublicKey } from '@libp2p/interface'
import { equals, fromUtf8 } from '@weft/bytes'
import { InvalidRecordError, type Validator } from '@weft/interface-record-store'
import { peerIdFromMultihashBytes, peerIdFromPublicKey, publicKeyFromProtobuf } from '@weft/peer-id'
import type { IpnsData } from '../core/ipns-data.ts'
import { endOfLife, type IpnsMessage, signedBytesV2 } from '../core/ipns-message.ts'
import { toNanoseconds } from '../rfc3339.ts'
import { readIpnsRecord, readValidity } from './ipns-record.ts'

const prefix = fromUtf8('/ipns/')

/** Options of `createIpnsValidator`. */
export interface IpnsValidatorOptions {
  /** The clock, milliseconds since 1970. @default Date.now */
  now?: () => number
}

/** The validator of `/ipns/`. */
export function createIpnsValidator({ now = Date.now }: IpnsValidatorOptions = {}): Validator {
  return {
    async validate(key, record, options) {
      const name = readName(key)
      const { message, data, fields } = readIpnsRecord(record)
      const publicKey = publicKeyOf(name, message)
      if (!(await publicKey.verify(signedBytesV2(data), message.signatureV2!, options))) {
        throw new InvalidRecordError('ERR_INVALID_RECORD', 'the signature is not that of the name')
      }
      checkCopies(message, fields)
      if (readValidity(fields) < toNanoseconds(now())) {
        throw new InvalidRecordError('ERR_RECORD_EXPIRED', 'the record is past its validity')
      }
    },
    select(_key, records) {
      let best = 0
      const ranks = records.map(rank)
      for (const [index, candidate] of ranks.entries()) if (isBetter(candidate, ranks[best]!)) best = index
      return best
    }
  }
}

/** The validator of `/ipns/`, by the clock of the machine. */
export const ipnsValidator: Validator = createIpnsValidator()

interface Rank {
  sequence: bigint
  validUntil: bigint
}

function rank(record: Uint8Array): Rank {
  const { fields } = readIpnsRecord(record)
  return { sequence: fields.sequence, validUntil: readValidity(fields) }
}

function isBetter(one: Rank, other: Rank): boolean {
  if (one.sequence !== other.sequence) return one.sequence > other.sequence
  return one.validUntil > other.validUntil
}

/** The multihash behind `/ipns/`. */
function readName(key: Uint8Array): Uint8Array {
  if (!equals(key.subarray(0, prefix.byteLength), prefix)) {
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', 'the key of an IPNS record begins with /ipns/')
  }
  return key.subarray(prefix.byteLength)
}

/** The key that the name holds, or the one in the record, whose hash is the name. */
function publicKeyOf(name: Uint8Array, { publicKey: carried }: IpnsMessage): PublicKey {
  try {
    const id = peerIdFromMultihashBytes(name)
    if (id.publicKey !== undefined && carried === undefined) return id.publicKey
    if (carried === undefined) throw new Error('the record does not bring the key of its name')
    const key = publicKeyFromProtobuf(carried)
    if (!peerIdFromPublicKey(key).equals(id)) throw new Error('the key in the record is not that of its name')
    return key
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'there is no key to verify the record', { cause })
  }
}

/** What version 1 repeats must be what is signed: its readers would otherwise be told something else. */
function checkCopies(message: IpnsMessage, fields: IpnsData): void {
  if (message.signatureV1 === undefined && message.value === undefined) return
  const same =
    equals(message.value ?? new Uint8Array(0), fields.value) &&
    equals(message.validity ?? new Uint8Array(0), fields.validity) &&
    (message.validityType ?? endOfLife) === endOfLife &&
    (message.sequence ?? 0n) === fields.sequence &&
    (message.ttl ?? 0n) === fields.ttl
  if (!same) throw new InvalidRecordError('ERR_INVALID_RECORD', 'fields of version 1 differ from what is signed')
}
