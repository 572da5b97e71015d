import type { MessageStream } from '@libp2p/interface'
import { ByteQueue, concat } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import { type BytePipe, type ByteSink, openPipe } from '@weft/interface-connection'

// Two of the largest messages of any handshake here. A remote that sends more before it is asked is paused.
const maxBuffered = 128 * 1024

interface Waiting {
  readonly length: number
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/**
 * A connection during its handshake: messages are read with promises, because a handshake has few. What follows is either
 * `takeOver`, which gives the rest to the channel's plain byte path, or `release`, which gives it back to the connection.
 */
export class HandshakePipe {
  /** What the handshake runs over. `fail` aborts it. */
  readonly connection: MessageStream
  readonly #pipe: BytePipe
  readonly #buffered = new ByteQueue()
  #waiting: Waiting | undefined
  #attached = true
  #paused = false
  #ended = false
  #closed = false
  #error: Error | undefined

  constructor(connection: MessageStream) {
    this.connection = connection
    this.#pipe = openPipe(connection)
    this.#pipe.attach({
      onBytes: chunk => this.#onBytes(chunk),
      onDrain() {},
      onEnd: () => this.#onEnd(),
      onClose: error => this.#onClose(error)
    })
  }

  /** Whether the chunks that a sink gets come with their buffers. */
  get givesBuffers(): boolean {
    return this.#pipe.givesBuffers === true
  }

  /**
   * Exactly `length` bytes. One read at a time. Rejects with `InvalidCryptoExchangeError` when the remote ends before
   * they are there, and with the connection's error when it breaks.
   */
  read(length: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting = { length, resolve, reject }
      this.#settle()
      this.#resume()
    })
  }

  /**
   * Sends handshake bytes, together with what follows in this turn, up to a muxer's first frames. They are few, so that
   * nobody waits for drain.
   */
  write(...chunks: Uint8Array[]): void {
    if (this.#pipe.hold === undefined) this.#pipe.writev(chunks)
    else this.#pipe.hold(chunks, true)
  }

  /**
   * Gives the connection to a channel: what is buffered in the next microtask, then everything else as it comes. The
   * result is for writing and pausing.
   */
  takeOver(sink: ByteSink): BytePipe {
    if (this.#attached) {
      this.release()
      this.#pipe.attach(sink)
      return this.#pipe
    }
    queueMicrotask(() => {
      for (let chunk = this.#buffered.shift(); chunk !== undefined; chunk = this.#buffered.shift()) sink.onBytes(chunk)
      if (this.#ended) sink.onEnd()
      sink.onClose(this.#error)
    })
    return this.#pipe
  }

  /** Gives what is unread back to the connection, for its next reader. */
  release(): void {
    this.#detach(this.#buffered.byteLength > 0 ? concat(this.#buffered.takeAll()) : undefined)
    this.#resume()
  }

  /** Ends the handshake and aborts the connection. */
  fail(error: Error): void {
    this.#error ??= error
    this.#closed = true
    this.#settle()
    this.#detach()
    this.connection.abort(error)
  }

  #onBytes(chunk: Uint8Array): void {
    this.#buffered.push(chunk)
    this.#settle()
    if (!this.#isFull() || this.#paused || !isLive(this.connection)) return
    this.#paused = true
    this.#pipe.pause()
  }

  #onEnd(): void {
    // A connection that breaks ends too, before it says why.
    if (isBroken(this.connection)) return
    this.#ended = true
    this.#settle()
  }

  #onClose(error: Error | undefined): void {
    this.#attached = false
    this.#closed = true
    this.#error ??= error
    this.#settle()
  }

  #settle(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const bytes = this.#error === undefined ? this.#buffered.take(waiting.length) : undefined
    if (bytes === undefined && !this.#ended && !this.#closed) return
    this.#waiting = undefined
    if (bytes !== undefined) waiting.resolve(bytes)
    else waiting.reject(this.#error ?? new InvalidCryptoExchangeError('the connection ended during the handshake'))
  }

  /** What a read waits for has been asked for, and may be larger. */
  #isFull(): boolean {
    return this.#waiting === undefined && this.#buffered.byteLength > maxBuffered
  }

  #resume(): void {
    if (!this.#paused || this.#isFull()) return
    this.#paused = false
    if (isLive(this.connection)) this.#pipe.resume()
  }

  #detach(unread?: Uint8Array): void {
    if (!this.#attached) return
    this.#attached = false
    this.#pipe.detach(unread)
  }
}

/** Whether a stream can be paused and resumed: it throws when it is over. */
export function isLive({ status }: MessageStream): boolean {
  return status === 'open' || status === 'closing'
}

function isBroken({ status }: MessageStream): boolean {
  return status === 'aborted' || status === 'reset'
}
