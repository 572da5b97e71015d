/** Messages behind a varint of their length, the framing of most libp2p protocols. */
import { ByteQueue } from './byte-queue.ts'
import { LengthError } from './errors.ts'
import { decodeVarint, maxVarintLength, measureVarint, varintLength, writeVarint } from './varint.ts'

/** `message` behind its length, in one buffer. */
export function encodeLengthPrefixed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = varintLength(message.byteLength)
  const out = new Uint8Array(prefix + message.byteLength)
  writeVarint(message.byteLength, out, 0)
  out.set(message, prefix)
  return out
}

/**
 * Takes one message and the length before it from a queue; `undefined`, and nothing is taken, while it is not whole. Throws
 * `LengthError` if it is longer than `maximum` bytes, or `VarintError`, as soon as the length shows it.
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
 * Cuts a byte stream into messages. The announced length is checked before anything of the message is kept, so one
 * reader never holds more than `maximum` bytes and one chunk.
 */
export class LengthPrefixedReader {
  private readonly _maximum: number
  private readonly _queue = new ByteQueue()
  private _expected: number | undefined

  /** @param maximum - bytes of the longest message that is accepted */
  constructor(maximum: number) {
    this._maximum = maximum
  }

  /** Bytes that wait for the rest of their message. */
  get byteLength(): number {
    return this._queue.byteLength
  }

  /** Adds what has arrived. The view is kept until its messages were taken. */
  push(chunk: Uint8Array): void {
    this._queue.push(chunk)
  }

  /**
   * The next whole message, or `undefined` while it is not there. Throws `LengthError` or `VarintError` as soon as the
   * prefix shows that it will never be a valid one.
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
   * Makes what waits fit to wait, for whoever reads from a remote that takes its time: it keeps no much larger buffer alive.
   * After each `push()`, once there is no `next()`.
   */
  keepRest(): void {
    this._queue.keepLast()
  }

  /** Takes the bytes behind the last message, for whoever reads on. */
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
