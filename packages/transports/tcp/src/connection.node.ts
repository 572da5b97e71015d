import type { Socket } from 'node:net'
import { type ByteQueue, readDirectly, releaseMemory } from '@weft/bytes'
import { ConnectionClosedError, TimeoutError } from '@weft/errors'
import {
  guarded,
  MultiaddrConnectionBase,
  type MultiaddrConnectionInit,
  receivedBytesSymbol,
  type SocketCarrier,
  socketSymbol
} from '@weft/interface-connection'
import { isUnix } from '@weft/multiaddr'
import { connectionFailed } from './errors.ts'
import { RestingTimeout } from './resting-timeout.node.ts'

/** Options of a connection over a socket. */
export interface TcpConnectionInit extends MultiaddrConnectionInit {
  /** Connected, with `allowHalfOpen` for half-close. The connection owns it from now on. */
  socket: Socket
  /** Milliseconds without data after which it is aborted, 0 for never. */
  inactivityTimeout: number
  /** The same once one side has ended. */
  closeTimeout: number
}

// If more than this is unread, the socket is not read, so that TCP's flow control slows the remote down. Four system
// reads.
const readHighWaterMark = 256 * 1024
// After the remote has closed, and with nothing left to read: the time until this side closes too unless it writes.
// Upper layers do so at once; without any, the socket is closed. Milliseconds.
const farewellTime = 100
// The maximum of one system read. A shorter read was the last one available.
const fullRead = 64 * 1024
// A socket with much data is read up to 32 times per turn of the event loop. If processing is expensive, reading is
// interrupted after this time in milliseconds, so that one busy connection does not block the others.
const turnBudget = 5
// Bytes that a connection sends in one turn of the event loop before its writer waits for the next. The system may
// accept data as fast as it is written, and a busy writer would starve all others. About 2 ms of encryption.
const turnBytes = 1024 * 1024
// Smaller writes are not counted.
const bulk = 64 * 1024

/** A socket as a raw connection. */
export class TcpConnection extends MultiaddrConnectionBase implements SocketCarrier<Socket> {
  private _socket: Socket
  /** The system's socket, below a socket that wraps it. */
  private readonly _systemSocket: Socket
  private _timeout: RestingTimeout
  private readonly _closeTimeout: number
  /** The system reads into a new buffer each time. */
  readonly givesBuffers = true
  private _takesBuffers = false
  private _flowing = true
  private _givingWay = false
  /** Time of the first of consecutive full reads. */
  private _busySince: number | undefined
  /** Bulk bytes sent in this turn. */
  private _sentInTurn = 0

  static {
    Object.defineProperty(this.prototype, socketSymbol, {
      get() {
        return this
      }
    })
    // The system socket's counter: data read by a wrapping socket does not pass this class.
    Object.defineProperty(this.prototype, receivedBytesSymbol, {
      get(this: TcpConnection) {
        return this._systemSocket.bytesRead
      }
    })
  }

  constructor(init: TcpConnectionInit) {
    super(init)
    const { socket } = init
    this._socket = this._systemSocket = socket
    this._timeout = new RestingTimeout(socket)
    this._closeTimeout = init.closeTimeout
    this._listen(socket, init.inactivityTimeout)
    // A socket that failed right after it was connected has emitted its error already.
    if (socket.destroyed)
      queueMicrotask(guarded(this, () => this._onError(socket.errored ?? new Error('the socket is closed'))))
  }

  async wrapSocket<Wrapped extends Socket>(wrap: (socket: Socket) => Wrapped): Promise<Wrapped> {
    await this.whenAgreed()
    const socket = this._socket
    // An end that was emitted already would not be emitted again to the wrapping socket.
    const isOpen = this.writeStatus === 'writable' && this.remoteWriteStatus === 'writable'
    if (!isOpen || socket.destroyed) {
      throw new ConnectionClosedError('the connection has ended', { cause: socket.errored ?? undefined })
    }
    const unread = this.takeOver()
    this._timeout.resume()
    socket.pause()
    if (unread !== undefined) socket.unshift(unread)
    const wrapped = wrap(socket)
    this._socket = wrapped
    this._timeout = new RestingTimeout(wrapped)
    this._flowing = true
    this._listen(wrapped, socket.timeout ?? 0)
    socket.setTimeout(0)
    return wrapped
  }

  takeBuffers(): void {
    this._takesBuffers = true
  }

  protected override transmit(queue: ByteQueue): boolean {
    const socket = this._socket
    const { byteLength } = queue
    const chunks = queue.takeAll()
    if (chunks.length > 1) socket.cork()
    for (const chunk of chunks) socket.write(chunk)
    if (chunks.length > 1) socket.uncork()
    // Usually the system accepts all at once. Buffers that are still queued are left to the garbage collector.
    if (this._takesBuffers && socket.writableLength === 0) for (const chunk of chunks) releaseMemory(chunk)
    if (byteLength >= bulk) this._countTurn(byteLength)
    return this._mayGoOn()
  }

  protected override sendCloseWrite(): Promise<void> {
    const socket = this._socket
    return new Promise((resolve, reject) => {
      socket.end((error?: Error | null) => {
        if (error != null) {
          reject(new ConnectionClosedError('the connection was broken off before its end was sent', { cause: error }))
          return
        }
        this._shortenTimeout(this._closeTimeout)
        resolve()
      })
    })
  }

  protected override sendReset(): void {
    // One of the two, never both: the other is destroyed as a consequence, and TLS on a destroyed socket would crash
    // Node. Unix sockets have no reset, and after a FIN libuv refuses to send one.
    if (this._socket.writableEnded || isUnix(this.remoteAddr)) this._socket.destroy()
    else this._systemSocket.resetAndDestroy()
  }

  protected override sendPause(): void {
    this._regulate()
  }

  protected override sendResume(): void {
    this._regulate()
  }

  protected override consumed(): void {
    if (!this._flowing) this._regulate()
    if (this.remoteWriteStatus === 'closed') this._expectFarewell()
  }

  /** Events of a socket that was wrapped by another one are ignored. */
  private _listen(socket: Socket, timeout: number): void {
    const isCurrent = (): boolean => this._socket === socket
    socket.setTimeout(timeout)
    // Exceptions in these handlers would be uncaught.
    const on = <Arg>(event: string, call: (arg: Arg) => void): void => {
      socket.on(
        event,
        guarded<Arg>(this, arg => {
          if (isCurrent()) call(arg)
        })
      )
    }
    on('data', (chunk: Uint8Array) => this._onData(chunk))
    const take = guarded(this, (chunk: Uint8Array) => this._onData(chunk))
    readDirectly(socket, chunk => {
      if (!isCurrent()) return false
      take(chunk)
      return true
    })
    on('end', () => this._onEnd())
    on('drain', () => {
      // A write that the system accepted at once drains in the same turn.
      if (this._mayGoOn()) this.writable()
    })
    on('timeout', () => this._onTimeout())
    on('error', (error: Error) => this._onError(error))
    on('close', () => this._onClose())
  }

  private _onData(chunk: Uint8Array): void {
    this._timeout.read()
    if (chunk.byteLength < fullRead) {
      this._busySince = undefined
      this.deliver(chunk)
    } else {
      this._busySince ??= performance.now()
      this.deliver(chunk)
      if (performance.now() - this._busySince >= turnBudget) this._giveWay()
    }
    this._regulate()
  }

  private _countTurn(byteLength: number): void {
    const isFirst = this._sentInTurn === 0
    this._sentInTurn += byteLength
    if (!isFirst) return
    const turned = guarded(this, () => {
      const hasWaited = this._sentInTurn >= turnBytes
      this._sentInTurn = 0
      if (hasWaited && this._mayGoOn()) this.writable()
    })
    setImmediate(turned)
  }

  /** Whether more may be sent now; if not, `writable()` is called when the socket has drained, or in the next turn of the event loop. */
  private _mayGoOn(): boolean {
    return this._sentInTurn < turnBytes && !this._socket.writableNeedDrain
  }

  /** Reads no more in this turn of the event loop. */
  private _giveWay(): void {
    this._busySince = undefined
    if (this._givingWay) return
    this._givingWay = true
    const turned = guarded(this, () => {
      this._givingWay = false
      this._regulate()
    })
    setImmediate(turned)
  }

  private _regulate(): void {
    const flowing = !this._givingWay && this.readStatus !== 'paused' && this.readBufferLength < readHighWaterMark
    if (flowing === this._flowing) return
    this._flowing = flowing
    if (flowing) this._socket.resume()
    else this._socket.pause()
  }

  private _onEnd(): void {
    this._expectFarewell()
    this.remoteClosedWrite()
  }

  /** The remote has closed. A reader may still answer when it has read everything. */
  private _expectFarewell(): void {
    if (this.readBufferLength === 0) this._shortenTimeout(Math.min(farewellTime, this._closeTimeout))
  }

  private _shortenTimeout(milliseconds: number): void {
    const { timeout } = this._socket
    if (timeout === undefined || timeout === 0 || timeout > milliseconds) this._socket.setTimeout(milliseconds)
  }

  private _onTimeout(): void {
    const milliseconds = this._socket.timeout
    if (this.remoteWriteStatus === 'closed' && this.writeStatus === 'writable' && !this.writableNeedsDrain) {
      // The remote has closed, and there is nothing more to send.
      this.close().catch(() => {})
      return
    }
    if (this.remoteWriteStatus === 'closed' && milliseconds !== this._closeTimeout) {
      // Data that is still being sent gets the normal timeout.
      this._socket.setTimeout(this._closeTimeout)
      return
    }
    const what = this.writeStatus === 'closed' ? 'the remote has not ended its side' : 'nothing was sent or received'
    this.abort(new TimeoutError(`${what} for ${milliseconds} ms`, { facts: { milliseconds } }))
  }

  private _onClose(): void {
    this._timeout.end()
    this.transportClosed()
  }

  private _onError(error: Error): void {
    const { code } = error as { code?: string }
    // A write to a connection that the remote has reset fails with EPIPE if the reset was not noticed before.
    if (code === 'ECONNRESET' || code === 'EPIPE') this.remoteReset()
    else this.abort(connectionFailed(this.remoteAddr.toString(), error))
  }
}
