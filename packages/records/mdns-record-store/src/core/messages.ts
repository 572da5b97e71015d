/** `/weft/records/1.0.0`: the record that a peer holds under a key. One question and one answer at a time. */
import { bytes, field, implicit, type MessageCodec, message } from '@weft/protobuf'

/** The protocol. */
export const RECORDS_PROTOCOL = '/weft/records/1.0.0'
/** Bytes of a key: `/ipns/` and the hash of any key fit many times over. */
export const maxKeyLength = 256
/** Bytes of a record: what a server of kad-dht stores. */
export const maxRecordLength: number = 64 * 1024
/** Bytes of a question or an answer. */
export const maxMessageSize: number = maxRecordLength + 64

/** What is under this key? */
export interface RecordRequest {
  key: Uint8Array
}

/** The record, if the peer holds one. */
export interface RecordAnswer {
  record?: Uint8Array | undefined
}

export const recordRequest: MessageCodec<RecordRequest> = message<RecordRequest>({
  key: field(1, implicit(bytes({ maxLength: maxKeyLength })))
})

export const recordAnswer: MessageCodec<RecordAnswer> = message<RecordAnswer>({
  record: field(1, bytes({ maxLength: maxRecordLength }))
})
