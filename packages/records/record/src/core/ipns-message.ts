/** The bytes of an IPNS record: `IpnsEntry` (IPNS Record and Protocol, "Record Serialization Format"). */
import { concat, fromUtf8 } from '@weft/bytes'
import { bytes, enumeration, field, type MessageCodec, message, uint64 } from '@weft/protobuf'

export interface IpnsMessage {
  /** Fields 1 to 7 but `publicKey` are of version 1, and copies of what `data` says. */
  value?: Uint8Array | undefined
  signatureV1?: Uint8Array | undefined
  validityType?: number | undefined
  validity?: Uint8Array | undefined
  sequence?: bigint | undefined
  ttl?: bigint | undefined
  /** Where the name does not hold it. */
  publicKey?: Uint8Array | undefined
  signatureV2?: Uint8Array | undefined
  /** DAG-CBOR of `IpnsData`: what version 2 signs. */
  data?: Uint8Array | undefined
}

/** Bytes of a whole record ("Record Size Limit"). */
export const maxIpnsLength: number = 10 * 1024

export const ipnsMessage: MessageCodec<IpnsMessage> = message<IpnsMessage>({
  value: field(1, bytes()),
  signatureV1: field(2, bytes()),
  validityType: field(3, enumeration()),
  validity: field(4, bytes()),
  sequence: field(5, uint64()),
  ttl: field(6, uint64()),
  publicKey: field(7, bytes()),
  signatureV2: field(8, bytes()),
  data: field(9, bytes())
})

/** The one validity type: end of life, a time. */
export const endOfLife = 0

const domain = fromUtf8('ipns-signature:')
const endOfLifeName = fromUtf8('EOL')

/** What `signatureV2` is over. */
export function signedBytesV2(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([domain, data])
}

/** What `signatureV1` is over. Written for peers before 2021, never read. */
export function signedBytesV1(value: Uint8Array, validity: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([value, validity, endOfLifeName])
}
