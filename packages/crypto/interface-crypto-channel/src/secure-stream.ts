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
 * The base of a channel's stream: records go down and come up through `seal` and `open`; the end, aborts, pausing and
 * `drain` are those of the connection below.
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
   * Takes from a queue that is not empty as much as goes into one write, and returns its records, in memory that nobody
   * else has.
   */
  protected abstract seal(queue: ByteQueue): Uint8Array[]
  /** Takes bytes of the remote, which may begin and end anywhere in a record, and calls `deliver`. Throwing aborts. */
  protected abstract open(chunk: Uint8Array): void
  /**
   * Bytes of incomplete records that are kept, and charged to the connection: for a protocol whose records are larger than
   * what a connection may cost by itself.
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
    // A reader that pauses and resumes inside `deliver` makes the connection give its next chunk at once. It waits here:
    // the records of this one come first.
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
