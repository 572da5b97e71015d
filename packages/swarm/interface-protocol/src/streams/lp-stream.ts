import type { AbortOptions, MessageStream } from '@libp2p/interface'
import { type ByteQueue, decodeVarint, encodeVarint, maxVarintLength, measureVarint, varintLength } from '@weft/bytes'
import { Uint8ArrayList } from 'uint8arraylist'
import { UnexpectedEOFError } from '../errors.ts'
import { type ByteStreamOpts, PromisedBytes, takeList } from './byte-stream.ts'
import { InvalidDataLengthError, InvalidDataLengthLengthError, InvalidMessageLengthError } from './errors.ts'

/** Options of `lpStream`. */
export interface LengthPrefixedStreamOpts extends ByteStreamOpts {
  /** Writes the length before a message. @default an unsigned varint */
  lengthEncoder: (value: number) => Uint8ArrayList | Uint8Array
  /** Reads it. Throws `RangeError` while bytes are missing. @default an unsigned varint */
  lengthDecoder: (data: Uint8ArrayList) => number
  /** Bytes that the length may take. @default as many as `maxDataLength` takes as a varint; without that, 9 */
  maxLengthLength: number
  /** Bytes of the longest message that is accepted. @default `maxBufferSize` */
  maxDataLength: number
}

/** A stream of messages behind their length. */
export interface LengthPrefixedStream<S extends MessageStream = MessageStream> {
  /**
   * The next message. Rejects with `UnexpectedEOFError` if the stream ends before it is whole, also at the end behind the
   * last one; with `InvalidDataLengthError` if it is too long, before any of it is read.
   */
  read(options?: AbortOptions): Promise<Uint8ArrayList>
  /** Sends a message behind its length. */
  write(data: Uint8Array | Uint8ArrayList, options?: AbortOptions): Promise<void>
  /** Sends messages, each behind its length, in one write. */
  writeV(input: Array<Uint8Array | Uint8ArrayList>, options?: AbortOptions): Promise<void>
  /** Returns the stream for direct use, with what was not read. */
  unwrap(): S
}

/**
 * Reads and writes messages behind their length, with the names of js-libp2p's helper. Beside what `byteStream` says: a
 * varint that is not in its shortest form is refused, with `InvalidMessageLengthError`; a length that never ends is refused
 * after `maxLengthLength` bytes; a read that was cancelled takes nothing from the stream.
 */
export function lpStream<S extends MessageStream>(
  stream: S,
  options: Partial<LengthPrefixedStreamOpts> = {}
): LengthPrefixedStream<S> {
  const bytes = new PromisedBytes(stream, options)
  const { lengthEncoder = encodeVarint, maxDataLength = Number.POSITIVE_INFINITY } = options
  const lengthOf = prefixReader(options)

  const next = (queue: ByteQueue): Uint8ArrayList | undefined => {
    const prefix = lengthOf(queue)
    if (prefix === undefined) return undefined
    const { taken, length } = prefix
    if (!(length >= 0)) throw new InvalidMessageLengthError(`${length} is no length of a message`)
    if (length > maxDataLength) throw new InvalidDataLengthError(length, maxDataLength)
    bytes.assertRoomFor(length)
    if (queue.byteLength < taken + length) return undefined
    queue.take(taken)
    return takeList(queue, length)
  }

  return {
    async read(readOptions) {
      const message = await bytes.take(next, readOptions)
      if (message === undefined) throw new UnexpectedEOFError(bytes.byteLength)
      return message
    },
    write: (data, writeOptions) => bytes.write(new Uint8ArrayList(lengthEncoder(data.byteLength), data), writeOptions),
    writeV(input, writeOptions) {
      const parts = input.flatMap(data => [lengthEncoder(data.byteLength), data])
      return bytes.write(new Uint8ArrayList(...parts), writeOptions)
    },
    unwrap: () => bytes.unwrap()
  }
}

interface Prefix {
  /** Bytes that it takes. */
  taken: number
  /** What it says. */
  length: number
}

/** Reads the length at the head of a queue, and leaves it there; `undefined` while it is not whole. */
function prefixReader(options: Partial<LengthPrefixedStreamOpts>): (queue: ByteQueue) => Prefix | undefined {
  const { lengthDecoder, maxDataLength } = options
  if (lengthDecoder === undefined) {
    const most = maxDataLength === undefined ? maxVarintLength : varintLength(maxDataLength)
    return queue => varintPrefix(queue, options.maxLengthLength ?? most)
  }
  const most = options.maxLengthLength ?? maxVarintLength
  return queue => {
    for (let taken = 1; taken <= queue.byteLength; taken++) {
      if (taken > most) throw new InvalidDataLengthLengthError(most)
      try {
        return { taken, length: lengthDecoder(new Uint8ArrayList(headOf(queue, taken))) }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    return undefined
  }
}

function varintPrefix(queue: ByteQueue, most: number): Prefix | undefined {
  if (queue.byteLength === 0) return undefined
  const head = headOf(queue, Math.min(maxVarintLength, queue.byteLength))
  try {
    const taken = measureVarint(head)
    if (taken > most || (taken === 0 && head.byteLength >= most)) throw new InvalidDataLengthLengthError(most)
    return taken === 0 ? undefined : { taken, length: decodeVarint(head.subarray(0, taken)) }
  } catch (cause) {
    const { name, code, message } = cause as Error & { code?: string }
    if (name !== 'VarintError') throw cause
    if (code === 'ERR_VARINT_TOO_LONG') throw new InvalidDataLengthLengthError(most)
    throw new InvalidMessageLengthError(`the length of a message cannot be read: ${message}`, cause)
  }
}

/** The first bytes of a queue, which stay in it. There are as many. */
function headOf(queue: ByteQueue, length: number): Uint8Array {
  const first = queue.peek()!
  if (first.byteLength >= length) return first.subarray(0, length)
  const head = queue.take(length)!
  queue.unshift(head)
  return head
}
