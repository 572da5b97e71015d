import type { MessageStream } from '@libp2p/interface'
import { ByteQueue, concat } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import { type BytePipe, type ByteSink, guarded, HeldBytes, openPipe } from '@weft/interface-connection'

// Two of the largest handshake messages. A remote that sends more before it is read is paused.
const maxBuffered = 128 * 1024

interface Waiting {
  readonly length: number
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/**
 * A connection during its handshake: messages are read by promises, as a handshake has few. Afterwards either
 * `takeOver` passes the rest to the channel's byte path, or `release` returns it to the connection.
 */
export class HandshakePipe {
  /** The connection of the handshake. `fail` aborts it. */
  readonly connection: MessageStream
  private readonly _pipe: BytePipe
  private readonly _buffered = new ByteQueue()
  private readonly _held: HeldBytes
  private _waiting: Waiting | undefined
  private _attached = true
  private _paused = false
  private _ended = false
  private _closed = false
  private _error: Error | undefined

  constructor(connection: MessageStream) {
    this.connection = connection
    this._pipe = openPipe(connection)
    this._held = new HeldBytes(connection)
    this._pipe.attach({
      onBytes: chunk => this._onBytes(chunk),
      onDrain() {},
      onEnd: () => this._onEnd(),
      onClose: error => this._onClose(error)
    })
  }

  /** Whether the sink owns the buffers of its chunks. */
  get givesBuffers(): boolean {
    return this._pipe.givesBuffers === true
  }

  /**
   * Reads exactly `length` bytes. One read at a time. Rejects with `InvalidCryptoExchangeError` if the remote closes
   * before, and with the connection's error if it fails.
   */
  read(length: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this._waiting = { length, resolve, reject }
      this._settle()
      this._charge()
      this._resume()
    })
  }

  /**
   * Sends handshake bytes, batched with what follows in this turn, including a muxer's first frames. They are few, so
   * there is no back-pressure.
   */
  write(...chunks: Uint8Array[]): void {
    if (this._pipe.hold === undefined) this._pipe.writev(chunks)
    else this._pipe.hold(chunks, true)
  }

  /**
   * Passes the connection to a channel: buffered data in the next microtask, then everything else as it arrives. The
   * returned pipe is for writing and pausing.
   */
  takeOver(sink: ByteSink): BytePipe {
    if (this._attached) {
      this.release()
      this._pipe.attach(sink)
      return this._pipe
    }
    const giveAll = guarded(this.connection, () => {
      for (let chunk = this._buffered.shift(); chunk !== undefined; chunk = this._buffered.shift()) sink.onBytes(chunk)
      if (this._ended) sink.onEnd()
      sink.onClose(this._error)
    })
    queueMicrotask(giveAll)
    return this._pipe
  }

  /** Returns unread data to the connection, for its next reader. */
  release(): void {
    this._detach(this._buffered.byteLength > 0 ? concat(this._buffered.takeAll()) : undefined)
    this._resume()
  }

  /** Ends the handshake and aborts the connection. */
  fail(error: Error): void {
    this._error ??= error
    this._closed = true
    this._settle()
    this._detach()
    this.connection.abort(error)
  }

  private _onBytes(chunk: Uint8Array): void {
    this._buffered.push(chunk)
    // A message that arrives byte by byte takes no more memory than its bytes.
    this._buffered.keepLast()
    this._settle()
    if (!this._charge()) return
    if (!this._isFull() || this._paused || !isLive(this.connection)) return
    this._paused = true
    this._pipe.pause()
  }

  /** Charges buffered data. Returns whether there was room for it. */
  private _charge(): boolean {
    try {
      this._held.set(this._buffered.byteLength)
      return true
    } catch (error) {
      this.fail(error as Error)
      return false
    }
  }

  private _onEnd(): void {
    // A connection that fails ends first, and reports its error afterwards.
    if (isBroken(this.connection)) return
    this._ended = true
    this._settle()
  }

  private _onClose(error: Error | undefined): void {
    this._attached = false
    this._closed = true
    this._error ??= error
    this._settle()
  }

  private _settle(): void {
    const waiting = this._waiting
    if (waiting === undefined) return
    const bytes = this._error === undefined ? this._buffered.take(waiting.length) : undefined
    if (bytes === undefined && !this._ended && !this._closed) return
    this._waiting = undefined
    if (bytes !== undefined) waiting.resolve(bytes)
    else waiting.reject(this._error ?? new InvalidCryptoExchangeError('the connection ended during the handshake'))
  }

  /** The data that a read waits for was requested, and may be larger. */
  private _isFull(): boolean {
    return this._waiting === undefined && this._buffered.byteLength > maxBuffered
  }

  private _resume(): void {
    if (!this._paused || this._isFull()) return
    this._paused = false
    if (isLive(this.connection)) this._pipe.resume()
  }

  private _detach(unread?: Uint8Array): void {
    this._held.set(0)
    if (!this._attached) return
    this._attached = false
    this._pipe.detach(unread)
  }
}

/** Whether a stream can be paused and resumed, which throws after its end. */
export function isLive({ status }: MessageStream): boolean {
  return status === 'open' || status === 'closing'
}

function isBroken({ status }: MessageStream): boolean {
  return status === 'aborted' || status === 'reset'
}
