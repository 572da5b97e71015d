import type { AbortOptions, MessageStream, Stream } from '@libp2p/interface'
import { type LengthPrefixedStreamOpts, lpStream } from './lp-stream.ts'

/** Makes a message of bytes: that of a `MessageCodec` of `@weft/protobuf`, or of a codec that protons has made. */
export type ProtobufDecoder<T> = (data: Uint8Array, options?: never) => T

/** Makes the bytes of a message. */
export type ProtobufEncoder<T> = (data: T) => Uint8Array

/** A stream of protobuf messages behind their length. */
export interface ProtobufStream<S extends MessageStream = MessageStream> {
  /** The next message. Rejects as `lpStream`'s `read`, and with what the decoder throws. `options` go to the decoder too. */
  read<T>(proto: { decode: ProtobufDecoder<T> }, options?: AbortOptions): Promise<T>
  /** Sends a message. */
  write<T>(data: T, proto: { encode: ProtobufEncoder<T> }, options?: AbortOptions): Promise<void>
  /** Sends messages in one write. */
  writeV<T>(input: T[], proto: { encode: ProtobufEncoder<T> }, options?: AbortOptions): Promise<void>
  /** The same for one kind of message. */
  pb<T>(proto: { encode: ProtobufEncoder<T>; decode: ProtobufDecoder<T> }): ProtobufMessageStream<T, S>
  /** Returns the stream for direct use, with what was not read. */
  unwrap(): S
}

/** A stream of one kind of message. */
export interface ProtobufMessageStream<T, S extends MessageStream = MessageStream> {
  /** The next message. */
  read(options?: AbortOptions): Promise<T>
  /** Sends a message. */
  write(data: T, options?: AbortOptions): Promise<void>
  /** Sends messages in one write. */
  writeV(input: T[], options?: AbortOptions): Promise<void>
  /** Returns the stream of messages of any kind. */
  unwrap(): ProtobufStream<S>
}

/** Options of `pbStream`. */
export type ProtobufStreamOpts = LengthPrefixedStreamOpts

/** Reads and writes protobuf messages behind their length, with the names of js-libp2p's helper. As `lpStream`. */
export function pbStream<S extends MessageStream = Stream>(
  stream: S,
  options: Partial<ProtobufStreamOpts> = {}
): ProtobufStream<S> {
  const messages = lpStream(stream, options)
  const whole: ProtobufStream<S> = {
    read: async (proto, readOptions) =>
      proto.decode((await messages.read(readOptions)).subarray(), readOptions as never),
    write: async (data, proto, writeOptions) => messages.write(proto.encode(data), writeOptions),
    writeV: async (input, proto, writeOptions) =>
      messages.writeV(
        input.map(data => proto.encode(data)),
        writeOptions
      ),
    pb: proto => ({
      read: readOptions => whole.read(proto, readOptions),
      write: (data, writeOptions) => whole.write(data, proto, writeOptions),
      writeV: (input, writeOptions) => whole.writeV(input, proto, writeOptions),
      unwrap: () => whole
    }),
    unwrap: () => messages.unwrap()
  }
  return whole
}
