import type { MessageStream } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import {
  type BytePipe,
  connectionScopeOf,
  HeldBytes,
  MessageStreamBase,
  setResourceScope
} from '@weft/interface-connection'
import { TruncatedStreamError } from './errors.ts'
import { type HandshakePipe, isLive } from './handshake-pipe.ts'

/**
 * The base class of a channel's stream: data is encrypted by `seal` and decrypted by `open`; close, aborts, pausing and
 * `drain` are those of the underlying connection.
 */
export abstract class SecureStreamBase extends MessageStreamBase {
  private readonly _connection: MessageStream
  private readonly _pipe: BytePipe
  private _opening = false
  private _held: Uint8Array[] = []
  private _endHeld = false
  private readonly _charged: HeldBytes

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
    this._connection = connection
    const scope = connectionScopeOf(connection)
    if (scope !== undefined) setResourceScope(this, scope)
    this._charged = new HeldBytes(connection)
    this._pipe = handshake.takeOver({
      onBytes: chunk => this._onBytes(chunk),
      onDrain: () => this.writable(),
      onEnd: () => this._onEnd(),
      onClose: error => this._onClose(error)
    })
    this._pipe.takeBuffers?.()
  }

  /**
   * Takes data for one write from a queue that is not empty, and returns it as records in newly allocated memory.
   */
  protected abstract seal(queue: ByteQueue): Uint8Array[]
  /**
   * Processes received bytes, which may begin and end anywhere in a record, and calls `deliver`. An exception aborts
   * the stream.
   */
  protected abstract open(chunk: Uint8Array): void
  /**
   * Buffered bytes of incomplete records, charged to the connection: for protocols whose records may be larger than the
   * fixed overhead of a connection.
   */
  protected heldLength(): number {
    return 0
  }
  /** Whether no record is incomplete. */
  protected abstract isBetweenRecords(): boolean

  protected override transmit(queue: ByteQueue): boolean {
    while (queue.byteLength > 0) {
      if (!this._pipe.writev(this.seal(queue))) return false
    }
    return true
  }

  protected override sendCloseWrite(): Promise<void> {
    return this._connection.close()
  }

  protected override sendReset(error: Error): void {
    this._connection.abort(error)
  }

  protected override sendPause(): void {
    if (isLive(this._connection)) this._pipe.pause()
  }

  protected override sendResume(): void {
    if (isLive(this._connection)) this._pipe.resume()
  }

  private _onBytes(chunk: Uint8Array): void {
    // If a reader pauses and resumes inside `deliver`, the connection delivers its next chunk at once. That chunk is
    // queued here, after the remaining records of the current one.
    if (this._opening) {
      this._held.push(chunk)
      return
    }
    this._opening = true
    try {
      this.open(chunk)
      for (let next = this._held.shift(); next !== undefined; next = this._held.shift()) this.open(next)
      this._charged.set(this.heldLength())
    } catch (error) {
      this._held = []
      this.abort(error as Error)
    } finally {
      this._opening = false
    }
    if (this._endHeld) this._onEnd()
  }

  private _onEnd(): void {
    this._endHeld = this._opening
    if (this._endHeld) return
    if (this.isBetweenRecords()) this.remoteClosedWrite()
    else this.abort(new TruncatedStreamError())
  }

  private _onClose(error: Error | undefined): void {
    if (error === undefined) {
      if (this.isBetweenRecords()) this.transportClosed()
      else this.abort(new TruncatedStreamError())
    } else if (error.name === 'StreamResetError') this.remoteReset()
    else this.transportClosed(error)
  }
}
