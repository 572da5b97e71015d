import type { AbortOptions, MessageStream, Stream } from '@libp2p/interface'
import { ByteQueue, concat } from '@weft/bytes'
import { abortReason, StreamBufferError, StreamStateError, throwIfAborted } from '@weft/errors'
import { type BytePipe, onAbort, openPipe, raceSignal } from '@weft/interface-connection'
import { UnexpectedEOFError } from './errors.ts'
import { HeldBytes } from './held-bytes.ts'

/** Bytes that one read may ask for, and so the most that waits for its rest. As js-libp2p's `byteStream`. */
export const defaultMaxHeld: number = 4 * 1024 * 1024

// Bytes that are taken from the stream although nobody reads. Some, because pausing and resuming for every chunk would delay
// the muxer's window updates; a muxer's frame at most, because they only wait.
const readAhead = 64 * 1024

/** Options of `StreamBytes`. */
export interface StreamBytesInit {
  /** Bytes that are held at once. A read that needs more fails with `StreamBufferError`. @default 4194304 */
  maxHeld?: number | undefined
  /** When it fires, every read and write fails with its reason, from then on. The caller ends the stream. */
  signal?: AbortSignal | undefined
}

interface PendingRead {
  /** Looks whether what is held suffices, and settles the read if it does. */
  attempt(): boolean
  /** There will be no more bytes. */
  end(): void
  fail(error: Error): void
}

/**
 * A stream as bytes that are read when they are asked for. A remote that sends more than is read is held back by its
 * muxer's window: nothing is taken from the stream beyond 64 KiB, and one chunk at most while a write waits for the remote to
 * read. What is held is charged to the stream's account.
 *
 * One read at a time, and no other reader of the stream until `release()`. Reads and writes may overlap.
 */
export class StreamBytes<S extends MessageStream = Stream> {
  /** The stream that is read and written. */
  readonly stream: S
  private readonly _pipe: BytePipe
  private readonly _maxHeld: number
  private readonly _held: HeldBytes
  private readonly _queue = new ByteQueue()
  private _reading: PendingRead | undefined
  private _draining: { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } | undefined
  private _paused = false
  private _ended = false
  private _closed = false
  private _released = false
  private _failure: Error | undefined
  private _forgetSignal: (() => void) | undefined

  /** Throws `StreamStateError` if the stream has a reader already. */
  constructor(stream: S, { maxHeld = defaultMaxHeld, signal }: StreamBytesInit = {}) {
    this.stream = stream
    this._maxHeld = maxHeld
    this._held = new HeldBytes(stream)
    this._pipe = openPipe(stream)
    this._pipe.attach({
      onBytes: chunk => this._onBytes(chunk),
      onDrain: () => this._onDrain(),
      onEnd: () => this._onEnd(),
      onClose: error => this._onClose(error)
    })
    if (signal?.aborted === true) this._fail(abortReason(signal))
    else if (signal !== undefined) this._forgetSignal = onAbort(signal, () => this._fail(abortReason(signal)))
  }

  /** Bytes that were taken from the stream and not read. */
  get byteLength(): number {
    return this._queue.byteLength
  }

  /**
   * Exactly `length` bytes. Rejects with `UnexpectedEOFError` if the stream ends before, with the stream's error if it
   * breaks, or with the signal's reason: then nothing was read. A `length` of more than may be held aborts the stream, with
   * `StreamBufferError`.
   */
  async read(length: number, options?: AbortOptions): Promise<Uint8Array> {
    if (length > this._maxHeld) this.refuse(length)
    const bytes = await this.take(queue => queue.take(length), options)
    if (bytes === undefined) throw new UnexpectedEOFError(this._queue.byteLength, length)
    return bytes
  }

  /** What has arrived, one chunk of it, as soon as there is some; `undefined` at the stream's end. */
  readSome(options?: AbortOptions): Promise<Uint8Array | undefined> {
    return this.take(queue => queue.shift(), options)
  }

  /**
   * Reads what `attempt` finds in the bytes that are held: it is called again whenever more has arrived, until it returns
   * something. `undefined` at the stream's end: what is held then is not a whole value. Rejects with what `attempt` throws.
   */
  take<T>(attempt: (queue: ByteQueue) => T | undefined, options: AbortOptions = {}): Promise<T | undefined> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      throwIfAborted(signal)
      if (this._released) throw new StreamStateError('the stream was released')
      if (this._reading !== undefined) throw new StreamStateError('another read of this stream is under way')
      let forget: (() => void) | undefined
      const settle = (): void => {
        this._reading = undefined
        forget?.()
      }
      const reading: PendingRead = {
        attempt: () => {
          try {
            const value = attempt(this._queue)
            if (value === undefined && this._queue.byteLength > this._maxHeld) this.refuse(this._queue.byteLength)
            if (value === undefined) return false
            settle()
            resolve(value)
          } catch (error) {
            reading.fail(error as Error)
          }
          return true
        },
        end() {
          settle()
          resolve(undefined)
        },
        fail(error) {
          settle()
          reject(error)
        }
      }
      this._reading = reading
      // What has arrived before the end, or before the stream broke, still counts.
      if (reading.attempt()) this._update()
      else if (this._failure !== undefined) reading.fail(this._failure)
      else if (this._ended) reading.end()
      else {
        if (signal !== undefined) {
          forget = onAbort(signal, () => {
            reading.fail(abortReason(signal))
            this._update()
          })
        }
        this._update()
      }
    })
  }

  /**
   * Sends chunks in order, in one write. They belong to the stream until they have left. Resolves when more may be sent, so
   * that a caller who waits never has more than the stream's write buffer under way. Rejects with what the stream throws or
   * breaks with, or the signal's reason; the bytes may be sent all the same.
   */
  async write(chunks: Uint8Array | Iterable<Uint8Array>, { signal }: AbortOptions = {}): Promise<void> {
    throwIfAborted(signal)
    if (this._released) throw new StreamStateError('the stream was released')
    if (this._failure !== undefined) throw this._failure
    if (this._pipe.writev(chunks instanceof Uint8Array ? [chunks] : [...chunks])) return
    const draining = (this._draining ??= withResolvers())
    this._pauseOrResume()
    await raceSignal(draining.promise, signal)
  }

  /** The remote wants more to be held than may be: aborts the stream with the `StreamBufferError` that is thrown. */
  refuse(byteLength: number): never {
    const facts = { byteLength, limit: this._maxHeld }
    const error = new StreamBufferError(`${byteLength} bytes would be held, the limit is ${this._maxHeld}`, { facts })
    this._abort(error)
    throw error
  }

  /** Ends the use of the stream: what was not read is left to its next reader. Returns the stream. */
  release(): S {
    if (this._released) return this.stream
    this._released = true
    this._forgetSignal?.()
    const error = new StreamStateError('the stream was released')
    this._reading?.fail(error)
    this._draining?.reject(error)
    const unread = this._queue.takeAll()
    this._held.set(0)
    try {
      this._pipe.detach(unread.length > 0 ? concat(unread) : undefined)
    } catch {
      // A stream of others that is over takes nothing back: it has no next reader.
    }
    this._pauseOrResume()
    return this.stream
  }

  private _onBytes(chunk: Uint8Array): void {
    // After a failure nobody reads.
    if (this._failure !== undefined) return
    this._queue.push(chunk)
    this._reading?.attempt()
    this._update()
  }

  private _onDrain(): void {
    this._draining?.resolve()
    this._draining = undefined
    this._pauseOrResume()
  }

  private _onEnd(): void {
    this._ended = true
    this._reading?.end()
  }

  private _onClose(error: Error | undefined): void {
    this._forgetSignal?.()
    this._ended = this._closed = true
    // The account ends with the stream.
    this._held.set(0)
    if (error === undefined) {
      this._reading?.end()
      this._draining?.reject(new StreamStateError('the stream was closed'))
    } else this._fail(error)
  }

  /** After bytes have come or gone. */
  private _update(): void {
    // Less is held than came: what waits must not keep a larger buffer alive.
    this._queue.keepLast()
    try {
      if (!this._closed) this._held.set(this._queue.byteLength)
    } catch (error) {
      this._abort(error as Error)
    }
    this._pauseOrResume()
  }

  private _pauseOrResume(): void {
    const isIdle = this._reading === undefined && !this._released && this._failure === undefined
    // What has not come yet is not in the way of a blocked write: the news that the remote is gone still gets through.
    const pause = isIdle && this._queue.byteLength >= (this._draining === undefined ? readAhead : 1)
    if (pause === this._paused || !isLive(this.stream)) return
    this._paused = pause
    if (pause) this._pipe.pause()
    else this._pipe.resume()
  }

  private _abort(error: Error): void {
    this._fail(error)
    this.stream.abort(error)
  }

  private _fail(error: Error): void {
    this._failure ??= error
    // What came before the remote broke off may still be read, as with js-libp2p. What this side gives up is dropped.
    if (this.stream.status !== 'reset') {
      this._queue.clear()
      this._held.set(0)
    }
    this._reading?.fail(error)
    this._draining?.reject(error)
    this._draining = undefined
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Several may wait for it, or nobody.
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/**
 * Whether the reading side can be paused and resumed: a stream throws once that is over. One that both sides have closed
 * still has what waited while it was paused.
 */
function isLive(stream: MessageStream): boolean {
  const { readStatus = 'readable' } = stream as Partial<Stream>
  if (readStatus === 'paused') return stream.status !== 'aborted' && stream.status !== 'reset'
  return (stream.status === 'open' || stream.status === 'closing') && readStatus === 'readable'
}
