/** Streams that are read and written by promises: js-libp2p's `byteStream`, `lpStream` and `pbStream`. */
export { UnexpectedEOFError } from '../errors.ts'
export { type ByteStream, byteStream, type ByteStreamOpts, type ReadBytesOptions } from './byte-stream.ts'
export {
  InvalidDataLengthError,
  InvalidDataLengthLengthError,
  InvalidMessageLengthError,
  UnwrappedError
} from './errors.ts'
export { type LengthPrefixedStream, type LengthPrefixedStreamOpts, lpStream } from './lp-stream.ts'
export {
  type ProtobufDecoder,
  type ProtobufEncoder,
  type ProtobufMessageStream,
  type ProtobufStream,
  type ProtobufStreamOpts,
  pbStream
} from './pb-stream.ts'
