export { bytes, type LengthOptions, string } from './delimited.ts'
export { ProtobufError, type ProtobufErrorCode } from './errors.ts'
export { type Field, field, implicit, packed, type Presence, repeated, required, type Rule } from './field.ts'
export { defaultMaxSize, message } from './message.ts'
export {
  bool,
  enumeration,
  int32,
  int64,
  int64Number,
  sint32,
  sint64,
  uint32,
  uint64,
  uint64Number
} from './numbers.ts'
export { maxDepth } from './reader.ts'
export type { DecodeOptions, FieldTable, Infer, InferFields, MessageCodec } from './schema.ts'
export type { ScalarType, ValueType, VarintType } from './types.ts'
