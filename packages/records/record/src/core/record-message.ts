/** The bytes of a record of kad-dht (libp2p/specs, kad-dht, "RPC messages"). */
import { bytes, field, implicit, type MessageCodec, message, uint32 } from '@weft/protobuf'

export interface RecordMessage {
  key: Uint8Array
  value: Uint8Array
  /** Text by the specification. Bytes here: what others write is never read, and must not make their record invalid. */
  timeReceived?: Uint8Array | undefined
  /** Seconds for which rust-libp2p keeps it. */
  ttl?: number | undefined
}

/** Longest key, bytes: `/ipns/` and the hash of any key fit many times over. */
export const maxKeyLength = 256
/** Longest value, bytes: what a server of kad-dht stores. The largest known, an IPNS record, has 10 KiB. */
export const maxValueLength: number = 64 * 1024
const maxTimeLength = 64

export const recordMessage: MessageCodec<RecordMessage> = message<RecordMessage>({
  key: field(1, implicit(bytes({ maxLength: maxKeyLength }))),
  value: field(2, implicit(bytes({ maxLength: maxValueLength }))),
  timeReceived: field(5, bytes({ maxLength: maxTimeLength })),
  ttl: field(777, uint32())
})
