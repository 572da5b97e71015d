// Written by scripts/facade-manifest.mjs.
export type {
  ByteStream,
  ByteStreamOpts,
  LengthPrefixedStream,
  LengthPrefixedStreamOpts,
  ProtobufDecoder,
  ProtobufEncoder,
  ProtobufMessageStream,
  ProtobufStream,
  ProtobufStreamOpts,
  ReadBytesOptions
} from '@weft/interface-protocol/streams'
export {
  InvalidDataLengthError,
  InvalidDataLengthLengthError,
  InvalidMessageLengthError,
  UnexpectedEOFError,
  UnwrappedError,
  byteStream,
  lpStream,
  pbStream
} from '@weft/interface-protocol/streams'
