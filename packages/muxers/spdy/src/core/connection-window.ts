import { maxFull } from './limits.ts'
import { ReceiveWindow } from './receive-window.ts'

/** What a connection's window asks for. */
export interface ConnectionWindowHandler {
  /** Tells the remote. */
  grant(credit: number): void
  /** Reads no more, until `resume`. */
  pause(): void
  resume(): void
  /** Breaks off the stream that holds the most. */
  resetFullest(): void
}

/** The receive window of a connection. A remote that counts stops when it is used up; any other is not read from. */
export class ConnectionWindow {
  private readonly _window: ReceiveWindow
  private readonly _handler: ConnectionWindowHandler
  private _fullSince: number | undefined
  /** Whether the connection is not read. */
  isPaused = false

  constructor(size: number, handler: ConnectionWindowHandler) {
    this._window = new ReceiveWindow(size)
    this._handler = handler
  }

  /** Bytes that the remote may still send. */
  get left(): number {
    return this._window.left
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this._window.buffered
  }

  /** When `tick()` is due. */
  get wakeAt(): number {
    return (this._fullSince ?? Number.POSITIVE_INFINITY) + maxFull
  }

  received(length: number): void {
    this._window.received(length)
  }

  /** Bytes were read, or thrown away. */
  consumed(length: number): void {
    const credit = this._window.consumed(length)
    if (credit > 0) this._grant(credit)
  }

  /** To be called when what has arrived was handed on. */
  stopIfFull(remoteCounts: boolean, now: number): void {
    if (this._window.left > 0) return
    this._fullSince ??= now
    // What else a remote that has stopped by itself says is still heard.
    if (this.isPaused || remoteCounts) return
    this.isPaused = true
    this._handler.pause()
  }

  /** If nobody has read half of the window for too long, what was read is granted, or else the fullest stream ends. */
  tick(now: number): void {
    if (now < this.wakeAt) return
    this._fullSince = now
    const credit = this._window.grant()
    if (credit > 0) {
      this._grant(credit)
      return
    }
    this._handler.resetFullest()
    const freed = this._window.grant()
    if (freed > 0) this._grant(freed)
  }

  private _grant(credit: number): void {
    this._handler.grant(credit)
    if (this._window.left <= 0) return
    this._fullSince = undefined
    if (!this.isPaused) return
    this.isPaused = false
    this._handler.resume()
  }
}
