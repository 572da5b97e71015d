import type { Socket } from 'node:net'

// After this many reads a connection counts as in use; one with only a handshake keeps its timer.
const readsBeforeRest = 64
const restOfTimeout = 1 / 4

/**
 * The inactivity timeout of a socket in use. Node refreshes the timer with each read and write, which is 4 % of the
 * time of bulk data over TLS: after 64 reads it is turned off for a quarter of the timeout. So inactivity is detected
 * after 1 to 1.25 times the timeout.
 */
export class RestingTimeout {
  private readonly _socket: Socket
  private _reads = 0
  private _milliseconds = 0
  private _rest: NodeJS.Timeout | undefined

  constructor(socket: Socket) {
    this._socket = socket
  }

  /** The socket has read something. */
  read(): void {
    if (++this._reads < readsBeforeRest) return
    this._reads = 0
    const { timeout } = this._socket
    // There is no timeout, or it is turned off.
    if (timeout === undefined || timeout === 0) return
    this._milliseconds = timeout
    this._socket.setTimeout(0)
    // Another timeout may have ended an earlier pause.
    this.end()
    this._rest = setTimeout(() => this.resume(), timeout * restOfTimeout)
    this._rest.unref()
  }

  /** Restores the socket's timeout, unless another one was set. */
  resume(): void {
    if (this._rest === undefined) return
    this.end()
    if (this._socket.timeout === 0) this._socket.setTimeout(this._milliseconds)
  }

  /** Nothing to restore: the socket is closed. */
  end(): void {
    clearTimeout(this._rest)
    this._rest = undefined
  }
}
