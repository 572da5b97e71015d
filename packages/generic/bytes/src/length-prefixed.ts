/** Length-prefixed messages (the length is a varint), the framing of most libp2p protocols. */
import { ByteQueue } from './byte-queue.ts'
import { LengthError } from './errors.ts'
import { decodeVarint, maxVarintLength, measureVarint, varintLength, writeVarint } from './varint.ts'

/** `message` with its length prefix, in one buffer. */
export function encodeLengthPrefixed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = varintLength(message.byteLength)
  const out = new Uint8Array(prefix + message.byteLength)
  writeVarint(message.byteLength, out, 0)
  out.set(message, prefix)
  return out
}

/**
 * Removes one length-prefixed message from a queue and returns it; returns `undefined` and removes nothing while it is
 * incomplete. Throws `LengthError` for a length above `maximum` bytes, or `VarintError`, as soon as the prefix is read.
 */
export function takeLengthPrefixed(queue: ByteQueue, maximum: number): Uint8Array | undefined {
  let head = queue.peek()
  if (head === undefined) return undefined
  let prefix = measureVarint(head)
  if (prefix === 0) {
    // The prefix spans chunks: join at most its nine bytes.
    head = queue.take(Math.min(maxVarintLength, queue.byteLength))!
    queue.unshift(head)
    prefix = measureVarint(head)
    if (prefix === 0) return undefined
  }
  const length = decodeVarint(head.subarray(0, prefix))
  if (length > maximum) throw new LengthError(length, maximum)
  if (queue.byteLength < prefix + length) return undefined
  queue.take(prefix)
  return queue.take(length)
}

/**
 * Splits a byte stream into messages. The announced length is checked before any of the message is buffered, so a
 * reader never holds more than `maximum` bytes and one chunk.
 */
export class LengthPrefixedReader {
  private readonly _maximum: number
  private readonly _queue = new ByteQueue()
  private _expected: number | undefined

  /** @param maximum - maximum length of a message, in bytes */
  constructor(maximum: number) {
    this._maximum = maximum
  }

  /** Buffered bytes of incomplete messages. */
  get byteLength(): number {
    return this._queue.byteLength
  }

  /** Adds received data. The view is kept until its messages were taken. */
  push(chunk: Uint8Array): void {
    this._queue.push(chunk)
  }

  /**
   * The next complete message, or `undefined` if there is none yet. Throws `LengthError` or `VarintError` as soon as
   * the prefix is known to be invalid.
   */
  next(): Uint8Array | undefined {
    if (this._expected === undefined) {
      const expected = this._readPrefix()
      if (expected === undefined) return undefined
      if (expected > this._maximum) throw new LengthError(expected, this._maximum)
      this._expected = expected
    }
    const message = this._queue.take(this._expected)
    if (message !== undefined) this._expected = undefined
    return message
  }

  /**
   * Compacts the buffered bytes, so that they do not pin a much larger buffer while the rest of a message is awaited.
   * Call it after each `push()`, once `next()` returns `undefined`.
   */
  keepRest(): void {
    this._queue.keepLast()
  }

  /** Removes and returns the bytes after the last message, for the next reader. */
  rest(): Uint8Array[] {
    return this._queue.takeAll()
  }

  private _readPrefix(): number | undefined {
    const first = this._queue.peek()
    if (first === undefined) return undefined
    const length = measureVarint(first)
    if (length > 0) return decodeVarint(this._queue.take(length)!)
    // The prefix spans chunks: join at most its nine bytes.
    const head = this._queue.take(Math.min(maxVarintLength, this._queue.byteLength))!
    const joined = measureVarint(head)
    this._queue.unshift(head.subarray(joined))
    return joined === 0 ? undefined : decodeVarint(head)
  }
}
