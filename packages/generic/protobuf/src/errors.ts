import { WeftError } from '@weft/errors'

/**
 * What is wrong. While decoding: `SIZE` (the whole message), `TRUNCATED` (a length or value runs past its end),
 * `VARINT` (more than 64 bits), `TAG` (no field number, unknown wire type, group without begin or end), `WIRE_TYPE` (not
 * the schema's), `DEPTH`, `COUNT` (of a repeated field), `LENGTH` (of bytes or text), `RANGE` (not a safe integer),
 * `TEXT` (not UTF-8), `REQUIRED` (field is absent). While encoding: `VALUE`, `COUNT`, `LENGTH`, `REQUIRED`. When a codec
 * is made: `SCHEMA`.
 */
export type ProtobufErrorCode =
  | 'ERR_PROTOBUF_SIZE'
  | 'ERR_PROTOBUF_TRUNCATED'
  | 'ERR_PROTOBUF_VARINT'
  | 'ERR_PROTOBUF_TAG'
  | 'ERR_PROTOBUF_WIRE_TYPE'
  | 'ERR_PROTOBUF_DEPTH'
  | 'ERR_PROTOBUF_COUNT'
  | 'ERR_PROTOBUF_LENGTH'
  | 'ERR_PROTOBUF_RANGE'
  | 'ERR_PROTOBUF_TEXT'
  | 'ERR_PROTOBUF_REQUIRED'
  | 'ERR_PROTOBUF_VALUE'
  | 'ERR_PROTOBUF_SCHEMA'

/** Bytes are no message of the schema, or a value cannot be written as one. */
export class ProtobufError extends WeftError {
  /** The field that was read or written, where one was. */
  declare readonly field: string | undefined

  constructor(code: ProtobufErrorCode, message: string, field?: string) {
    super('ProtobufError', code, field === undefined ? message : `${field}: ${message}`, { facts: { field } })
  }
}
