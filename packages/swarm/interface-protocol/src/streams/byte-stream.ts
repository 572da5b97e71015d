import type { AbortOptions, MessageStream } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { InvalidParametersError } from '@weft/errors'
import { Uint8ArrayList } from 'uint8arraylist'
import { UnexpectedEOFError } from '../errors.ts'
import { defaultMaxHeld, StreamBytes } from '../stream-bytes.ts'
import { UnwrappedError } from './errors.ts'

/** Options of `byteStream`. */
export interface ByteStreamOpts {
  /** Bytes that a read may wait for. Past it the stream is aborted with `StreamBufferError`. @default 4194304 */
  maxBufferSize?: number
}

/** Options of a read of a number of bytes. */
export interface ReadBytesOptions extends AbortOptions {
  /** Bytes to read. */
  bytes: number
}

/** A stream that is read by promises. */
export interface ByteStream<S extends MessageStream> {
  /** Exactly `bytes` bytes. Rejects with `UnexpectedEOFError` if the stream ends before. */
  read(options: ReadBytesOptions): Promise<Uint8ArrayList>
  /** What has arrived, as soon as there is some; `null` at the end of the stream. */
  read(options?: AbortOptions): Promise<Uint8ArrayList | null>
  /** Sends bytes, and resolves when more may be sent. */
  write(data: Uint8Array | Uint8ArrayList, options?: AbortOptions): Promise<void>
  /** Returns the stream for direct use, with what was not read. Nothing else works here afterwards. */
  unwrap(): S
}

/**
 * Reads and writes a stream by promises, with the names of js-libp2p's helper. Differences: a remote that sends more than
 * is read is held back by the muxer instead of being aborted past `maxBufferSize`; a stream that was reset rejects every
 * further read with its error, where js-libp2p's gives `null` from the second on; a second read while one is under way
 * rejects with `StreamStateError`.
 */
export function byteStream<S extends MessageStream>(stream: S, options: ByteStreamOpts = {}): ByteStream<S> {
  return new PromisedBytes(stream, options)
}

/** What `byteStream` and `lpStream` are made of. */
export class PromisedBytes<S extends MessageStream> implements ByteStream<S> {
  private readonly _bytes: StreamBytes<S>
  private readonly _maxHeld: number
  private _isUnwrapped = false

  constructor(stream: S, { maxBufferSize = defaultMaxHeld }: ByteStreamOpts) {
    if (typeof (stream as Partial<S> | undefined)?.addEventListener !== 'function') {
      throw new InvalidParametersError('the first argument must be a stream or a connection')
    }
    this._maxHeld = maxBufferSize
    this._bytes = new StreamBytes(stream, { maxHeld: maxBufferSize })
  }

  read(options: ReadBytesOptions): Promise<Uint8ArrayList>
  read(options?: AbortOptions): Promise<Uint8ArrayList | null>
  async read(options?: Partial<ReadBytesOptions>): Promise<Uint8ArrayList | null> {
    const length = options?.bytes
    if (length === undefined) {
      const all = (queue: ByteQueue): Uint8ArrayList | undefined =>
        queue.byteLength === 0 ? undefined : takeList(queue, queue.byteLength)
      return (await this.take(all, options)) ?? null
    }
    this.assertRoomFor(length)
    const bytes = await this.take(queue => takeList(queue, length), options)
    if (bytes === undefined) throw new UnexpectedEOFError(this._bytes.byteLength, length)
    return bytes
  }

  async write(data: Uint8Array | Uint8ArrayList, options?: AbortOptions): Promise<void> {
    this._assertWrapped()
    await this._bytes.write(data, options)
  }

  unwrap(): S {
    this._isUnwrapped = true
    return this._bytes.release()
  }

  /** As `StreamBytes.take`. */
  async take<T>(attempt: (queue: ByteQueue) => T | undefined, options?: AbortOptions): Promise<T | undefined> {
    this._assertWrapped()
    return this._bytes.take(attempt, options)
  }

  /** Bytes that a read has found, and which do not suffice. */
  get byteLength(): number {
    return this._bytes.byteLength
  }

  /** A read of more than may be held aborts the stream, and throws `StreamBufferError`. */
  assertRoomFor(byteLength: number): void {
    if (byteLength > this._maxHeld) this._bytes.refuse(byteLength)
  }

  private _assertWrapped(): void {
    if (this._isUnwrapped) throw new UnwrappedError()
  }
}

/** Exactly `length` bytes of a queue, as the views that they came in; `undefined` when there are fewer. */
export function takeList(queue: ByteQueue, length: number): Uint8ArrayList | undefined {
  if (queue.byteLength < length) return undefined
  const list = new Uint8ArrayList()
  while (list.byteLength < length) list.append(queue.shift(length - list.byteLength)!)
  return list
}
