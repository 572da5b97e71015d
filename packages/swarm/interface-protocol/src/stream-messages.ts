import type { AbortOptions, MessageStream, Stream } from '@libp2p/interface'
import { encodeLengthPrefixed, maxVarintLength, takeLengthPrefixed } from '@weft/bytes'
import { InvalidMessageError } from '@weft/errors'
import { UnexpectedEOFError } from './errors.ts'
import { StreamBytes, type StreamBytesInit } from './stream-bytes.ts'

/** Options of `StreamMessages`. */
export interface StreamMessagesInit extends Pick<StreamBytesInit, 'signal'> {
  /** Bytes of the longest message that is accepted. A longer one is refused by its length, before it is held. */
  maxMessageSize: number
}

/** Makes a message of bytes: a `MessageCodec` of `@weft/protobuf`, or anything that throws for bytes that are none. */
export interface Decoder<T> {
  /** Reads a message. What it throws is an `InvalidMessageError` for the reader. */
  decode(bytes: Uint8Array, options?: { maxSize?: number }): T
}

/** Makes the bytes of a message. */
export interface Encoder<T> {
  /** Writes a message. */
  encode(message: T): Uint8Array
}

/**
 * A stream as messages behind a varint of their length, the framing of most libp2p protocols. It holds one message of at
 * most `maxMessageSize` bytes, and what `StreamBytes` reads ahead.
 */
export class StreamMessages<S extends MessageStream = Stream> {
  /** The same stream for what is not framed. */
  readonly bytes: StreamBytes<S>
  private readonly _maxMessageSize: number

  /** Throws `StreamStateError` if the stream has a reader already. */
  constructor(stream: S, { maxMessageSize, signal }: StreamMessagesInit) {
    this._maxMessageSize = maxMessageSize
    this.bytes = new StreamBytes(stream, { maxHeld: maxMessageSize + maxVarintLength, signal })
  }

  /**
   * The bytes of the next message; `undefined` at the end behind the last one. They may be a view of a larger buffer: copy
   * what is kept. Rejects with `InvalidMessageError` for one that is too long, `UnexpectedEOFError` for one that is cut off,
   * with the stream's error if it breaks, or with the signal's reason, and then nothing was read.
   */
  async read(options?: AbortOptions): Promise<Uint8Array | undefined> {
    let bytes: Uint8Array | undefined
    try {
      bytes = await this.bytes.take(queue => takeLengthPrefixed(queue, this._maxMessageSize), options)
    } catch (cause) {
      const { name, message } = cause as Error
      if (name !== 'LengthError' && name !== 'VarintError') throw cause
      throw new InvalidMessageError(`no message can follow: ${message}`, { cause })
    }
    if (bytes === undefined && this.bytes.byteLength > 0) throw new UnexpectedEOFError(this.bytes.byteLength)
    return bytes
  }

  /** The next message. As `read`; rejects with `InvalidMessageError` also where the decoder throws. */
  async readAs<T>(decoder: Decoder<T>, options?: AbortOptions): Promise<T | undefined> {
    const bytes = await this.read(options)
    if (bytes === undefined) return undefined
    try {
      // A copy: what is decoded may be views, and must not keep the chunk that it came in.
      return decoder.decode(new Uint8Array(bytes), { maxSize: this._maxMessageSize })
    } catch (cause) {
      throw new InvalidMessageError(`the message cannot be read: ${(cause as Error).message}`, { cause })
    }
  }

  /** Sends a message, and resolves when more may be sent. Rejects as `StreamBytes.write`. */
  write(message: Uint8Array, options?: AbortOptions): Promise<void> {
    return this.bytes.write(encodeLengthPrefixed(message), options)
  }

  /** Sends a message. Rejects with what the encoder throws, and as `write`. */
  async writeAs<T>(encoder: Encoder<T>, message: T, options?: AbortOptions): Promise<void> {
    await this.write(encoder.encode(message), options)
  }

  /** Ends the use of the stream: what was not read is left to its next reader. Returns the stream. */
  release(): S {
    return this.bytes.release()
  }
}
