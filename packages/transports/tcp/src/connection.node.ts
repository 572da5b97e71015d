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

/** What a connection over a socket is made of. */
export interface TcpConnectionInit extends MultiaddrConnectionInit {
  /** Connected, with `allowHalfOpen` for half-close. The connection owns it from now on. */
  socket: Socket
  /** Milliseconds without data after which it is aborted, 0 for never. */
  inactivityTimeout: number
  /** The same once one side has ended. */
  closeTimeout: number
}

// A reader behind by more is not read for: the remote is slowed down by TCP itself. Four of the system's reads.
const readHighWaterMark = 256 * 1024
// After the remote's end, and with nothing left to read, the time in which this side answers or ends too. Layers above do
// so at once; where none is left that would, the socket goes. Milliseconds.
const farewellTime = 100
// The most that the system reads at once. A read that is not full was the last: nothing more has come.
const fullRead = 64 * 1024
// Full sockets are read up to 32 times before the event loop turns. One whose bytes are dear to handle gives way after this
// time, so that a remote that floods this side does not keep the others waiting. Milliseconds.
const turnBudget = 5
// Bytes that a connection sends in one turn of the event loop before its writer waits for the next. The system may take them as
// fast as they come, and a writer that has much to send would never let anybody else have a turn: 2 ms of ciphertext.
const turnBytes = 1024 * 1024
// Less at once is no bulk, and costs no look at the turn.
const bulk = 64 * 1024

/** A socket as a raw connection. */
export class TcpConnection extends MultiaddrConnectionBase implements SocketCarrier<Socket> {
  private _socket: Socket
  /** The one that the system knows, below whatever runs over it. */
  private readonly _systemSocket: Socket
  private _timeout: RestingTimeout
  private readonly _closeTimeout: number
  /** The system reads into a fresh buffer each time. */
  readonly givesBuffers = true
  private _takesBuffers = false
  private _flowing = true
  private _givingWay = false
  /** When the first of the full reads in a row came. */
  private _busySince: number | undefined
  /** Bytes of bulk that were sent in this turn. */
  private _sentInTurn = 0

  static {
    Object.defineProperty(this.prototype, socketSymbol, {
      get() {
        return this
      }
    })
    // By the system's count: what a socket on top of it reads does not come by here.
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
    // A socket that broke as soon as it was connected has told already.
    if (socket.destroyed)
      queueMicrotask(guarded(this, () => this._onError(socket.errored ?? new Error('the socket is closed'))))
  }

  async wrapSocket<Wrapped extends Socket>(wrap: (socket: Socket) => Wrapped): Promise<Wrapped> {
    await this.whenAgreed()
    const socket = this._socket
    // What has ended already would not tell it again to whatever runs over it.
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
    // Mostly the system takes all at once. What waits in the socket is left to the garbage collector.
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
    // One of the two, never both: the other follows by itself, and TLS on top of a socket that goes would crash Node.
    // Unix sockets have no reset, and after a FIN libuv refuses to send one.
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

  /** What a socket tells once another one runs over it is not for this connection any more. */
  private _listen(socket: Socket, timeout: number): void {
    const isCurrent = (): boolean => this._socket === socket
    socket.setTimeout(timeout)
    // Nobody is above these who could catch.
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
      // A write that the system took at once drains in the same turn.
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

  /** The remote has ended. Who still reads may want to answer when everything is read. */
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
      // The remote has ended, and nobody here has anything to add.
      this.close().catch(() => {})
      return
    }
    if (this.remoteWriteStatus === 'closed' && milliseconds !== this._closeTimeout) {
      // What is still being sent gets the time that a remote may take.
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
    // A write into a connection that the remote has closed fails with EPIPE where the reset was not seen before.
    if (code === 'ECONNRESET' || code === 'EPIPE') this.remoteReset()
    else this.abort(connectionFailed(this.remoteAddr.toString(), error))
  }
}
