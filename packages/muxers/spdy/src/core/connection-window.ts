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
  readonly #window: ReceiveWindow
  readonly #handler: ConnectionWindowHandler
  #fullSince: number | undefined
  /** Whether the connection is not read. */
  isPaused = false

  constructor(size: number, handler: ConnectionWindowHandler) {
    this.#window = new ReceiveWindow(size)
    this.#handler = handler
  }

  /** Bytes that the remote may still send. */
  get left(): number {
    return this.#window.left
  }

  /** Bytes received and not yet consumed. */
  get buffered(): number {
    return this.#window.buffered
  }

  /** When `tick()` is due. */
  get wakeAt(): number {
    return (this.#fullSince ?? Number.POSITIVE_INFINITY) + maxFull
  }

  received(length: number): void {
    this.#window.received(length)
  }

  /** Bytes were read, or thrown away. */
  consumed(length: number): void {
    const credit = this.#window.consumed(length)
    if (credit > 0) this.#grant(credit)
  }

  /** To be called when what has arrived was handed on. */
  stopIfFull(remoteCounts: boolean, now: number): void {
    if (this.#window.left > 0) return
    this.#fullSince ??= now
    // What else a remote that has stopped by itself says is still heard.
    if (this.isPaused || remoteCounts) return
    this.isPaused = true
    this.#handler.pause()
  }

  /** If nobody has read half of the window for too long, what was read is granted, or else the fullest stream ends. */
  tick(now: number): void {
    if (now < this.wakeAt) return
    this.#fullSince = now
    const credit = this.#window.grant()
    if (credit > 0) {
      this.#grant(credit)
      return
    }
    this.#handler.resetFullest()
    const freed = this.#window.grant()
    if (freed > 0) this.#grant(freed)
  }

  #grant(credit: number): void {
    this.#handler.grant(credit)
    if (this.#window.left <= 0) return
    this.#fullSince = undefined
    if (!this.isPaused) return
    this.isPaused = false
    this.#handler.resume()
  }
}
