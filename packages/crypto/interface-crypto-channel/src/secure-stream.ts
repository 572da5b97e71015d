import type { AbortOptions, MessageStream } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { type BytePipe, connectionScopeOf, MessageStreamBase, setResourceScope } from '@weft/interface-connection'
import { TruncatedStreamError } from './errors.ts'
import { type HandshakePipe, isLive } from './handshake-pipe.ts'

/**
 * The base of a channel's stream: records go down and come up through `seal` and `open`; the end, aborts, pausing and
 * `drain` are those of the connection below.
 */
export abstract class SecureStreamBase extends MessageStreamBase {
  readonly #connection: MessageStream
  readonly #pipe: BytePipe
  #opening = false
  #held: Uint8Array[] = []
  #endHeld = false

  /** `name` is the log scope. */
  constructor(handshake: HandshakePipe, name: string) {
    const { connection } = handshake
    super({
      log: () => connection.log.newScope(name),
      direction: connection.direction,
      inactivityTimeout: connection.inactivityTimeout,
      maxReadBufferLength: connection.maxReadBufferLength,
      maxWriteBufferLength: connection.maxWriteBufferLength
    })
    this.#connection = connection
    const scope = connectionScopeOf(connection)
    if (scope !== undefined) setResourceScope(this, scope)
    this.#pipe = handshake.takeOver({
      onBytes: chunk => this.#onBytes(chunk),
      onDrain: () => this.writable(),
      onEnd: () => this.#onEnd(),
      onClose: error => this.#onClose(error)
    })
    this.#pipe.takeBuffers?.()
  }

  /**
   * Takes from a queue that is not empty as much as goes into one write, and returns its records, in memory that nobody
   * else has.
   */
  protected abstract seal(queue: ByteQueue): Uint8Array[]
  /** Takes bytes of the remote, which may begin and end anywhere in a record, and calls `deliver`. Throwing aborts. */
  protected abstract open(chunk: Uint8Array): void
  /** Whether no record is incomplete. */
  protected abstract isBetweenRecords(): boolean

  protected override transmit(queue: ByteQueue): boolean {
    while (queue.byteLength > 0) {
      if (!this.#pipe.writev(this.seal(queue))) return false
    }
    return true
  }

  protected override sendCloseWrite(options?: AbortOptions): Promise<void> {
    return this.#connection.close(options)
  }

  protected override sendReset(error: Error): void {
    this.#connection.abort(error)
  }

  protected override sendPause(): void {
    if (isLive(this.#connection)) this.#pipe.pause()
  }

  protected override sendResume(): void {
    if (isLive(this.#connection)) this.#pipe.resume()
  }

  #onBytes(chunk: Uint8Array): void {
    // A reader that pauses and resumes inside `deliver` makes the connection give its next chunk at once. It waits here:
    // the records of this one come first.
    if (this.#opening) {
      this.#held.push(chunk)
      return
    }
    this.#opening = true
    try {
      this.open(chunk)
      for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) this.open(next)
    } catch (error) {
      this.#held = []
      this.abort(error as Error)
    } finally {
      this.#opening = false
    }
    if (this.#endHeld) this.#onEnd()
  }

  #onEnd(): void {
    this.#endHeld = this.#opening
    if (this.#endHeld) return
    if (this.isBetweenRecords()) this.remoteClosedWrite()
    else this.abort(new TruncatedStreamError())
  }

  #onClose(error: Error | undefined): void {
    if (error === undefined) {
      if (this.isBetweenRecords()) this.transportClosed()
      else this.abort(new TruncatedStreamError())
    } else if (error.name === 'StreamResetError') this.remoteReset()
    else this.transportClosed(error)
  }
}
