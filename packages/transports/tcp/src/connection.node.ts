import type { Socket } from 'node:net'
import { type ByteQueue, releaseMemory } from '@weft/bytes'
import { ConnectionClosedError, TimeoutError } from '@weft/errors'
import {
  MultiaddrConnectionBase,
  type MultiaddrConnectionInit,
  receivedBytesSymbol,
  type SocketCarrier,
  socketSymbol
} from '@weft/interface-connection'
import { isUnix } from '@weft/multiaddr'
import { connectionFailed } from './errors.ts'

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
  #socket: Socket
  /** The one that the system knows, below whatever runs over it. */
  readonly #systemSocket: Socket
  readonly #closeTimeout: number
  /** The system reads into a fresh buffer each time. */
  readonly givesBuffers = true
  #takesBuffers = false
  #flowing = true
  #givingWay = false
  /** When the first of the full reads in a row came. */
  #busySince: number | undefined
  /** Bytes of bulk that were sent in this turn. */
  #sentInTurn = 0

  static {
    Object.defineProperty(this.prototype, socketSymbol, {
      get() {
        return this
      }
    })
    // By the system's count: what a socket on top of it reads does not come by here.
    Object.defineProperty(this.prototype, receivedBytesSymbol, {
      get(this: TcpConnection) {
        return this.#systemSocket.bytesRead
      }
    })
  }

  constructor(init: TcpConnectionInit) {
    super(init)
    const { socket } = init
    this.#socket = this.#systemSocket = socket
    this.#closeTimeout = init.closeTimeout
    this.#listen(socket, init.inactivityTimeout)
    // A socket that broke as soon as it was connected has told already.
    if (socket.destroyed) queueMicrotask(() => this.#onError(socket.errored ?? new Error('the socket is closed')))
  }

  async wrapSocket<Wrapped extends Socket>(wrap: (socket: Socket) => Wrapped): Promise<Wrapped> {
    await this.whenAgreed()
    const socket = this.#socket
    const unread = this.takeOver()
    socket.pause()
    if (unread !== undefined) socket.unshift(unread)
    const wrapped = wrap(socket)
    this.#socket = wrapped
    this.#flowing = true
    this.#listen(wrapped, socket.timeout ?? 0)
    socket.setTimeout(0)
    return wrapped
  }

  takeBuffers(): void {
    this.#takesBuffers = true
  }

  protected override transmit(queue: ByteQueue): boolean {
    const socket = this.#socket
    const { byteLength } = queue
    const chunks = queue.takeAll()
    if (chunks.length > 1) socket.cork()
    for (const chunk of chunks) socket.write(chunk)
    if (chunks.length > 1) socket.uncork()
    // Mostly the system takes all at once. What waits in the socket is left to the garbage collector.
    if (this.#takesBuffers && socket.writableLength === 0) for (const chunk of chunks) releaseMemory(chunk)
    if (byteLength >= bulk) this.#countTurn(byteLength)
    return this.#mayGoOn()
  }

  protected override sendCloseWrite(): Promise<void> {
    const socket = this.#socket
    return new Promise((resolve, reject) => {
      socket.end((error?: Error | null) => {
        if (error != null) {
          reject(new ConnectionClosedError('the connection was broken off before its end was sent', { cause: error }))
          return
        }
        this.#shortenTimeout(this.#closeTimeout)
        resolve()
      })
    })
  }

  protected override sendReset(): void {
    // One of the two, never both: the other follows by itself, and TLS on top of a socket that goes would crash Node.
    // Unix sockets have no reset, and after a FIN libuv refuses to send one.
    if (this.#socket.writableEnded || isUnix(this.remoteAddr)) this.#socket.destroy()
    else this.#systemSocket.resetAndDestroy()
  }

  protected override sendPause(): void {
    this.#regulate()
  }

  protected override sendResume(): void {
    this.#regulate()
  }

  protected override consumed(): void {
    if (!this.#flowing) this.#regulate()
    if (this.remoteWriteStatus === 'closed') this.#expectFarewell()
  }

  /** What a socket tells once another one runs over it is not for this connection any more. */
  #listen(socket: Socket, timeout: number): void {
    const isCurrent = (): boolean => this.#socket === socket
    socket.setTimeout(timeout)
    socket.on('data', (chunk: Uint8Array) => isCurrent() && this.#onData(chunk))
    socket.on('end', () => isCurrent() && this.#onEnd())
    // A write that the system took at once drains in the same turn.
    socket.on('drain', () => isCurrent() && this.#mayGoOn() && this.writable())
    socket.on('timeout', () => isCurrent() && this.#onTimeout())
    socket.on('error', error => isCurrent() && this.#onError(error))
    socket.on('close', () => isCurrent() && this.transportClosed())
  }

  #onData(chunk: Uint8Array): void {
    if (chunk.byteLength < fullRead) {
      this.#busySince = undefined
      this.deliver(chunk)
    } else {
      this.#busySince ??= performance.now()
      this.deliver(chunk)
      if (performance.now() - this.#busySince >= turnBudget) this.#giveWay()
    }
    this.#regulate()
  }

  #countTurn(byteLength: number): void {
    const isFirst = this.#sentInTurn === 0
    this.#sentInTurn += byteLength
    if (!isFirst) return
    setImmediate(() => {
      const hasWaited = this.#sentInTurn >= turnBytes
      this.#sentInTurn = 0
      if (hasWaited && this.#mayGoOn()) this.writable()
    })
  }

  /** Whether more may be sent now; if not, `writable()` is called when the socket has drained, or in the next turn of the event loop. */
  #mayGoOn(): boolean {
    return this.#sentInTurn < turnBytes && !this.#socket.writableNeedDrain
  }

  /** Reads no more in this turn of the event loop. */
  #giveWay(): void {
    this.#busySince = undefined
    if (this.#givingWay) return
    this.#givingWay = true
    setImmediate(() => {
      this.#givingWay = false
      this.#regulate()
    })
  }

  #regulate(): void {
    const flowing = !this.#givingWay && this.readStatus !== 'paused' && this.readBufferLength < readHighWaterMark
    if (flowing === this.#flowing) return
    this.#flowing = flowing
    if (flowing) this.#socket.resume()
    else this.#socket.pause()
  }

  #onEnd(): void {
    this.#expectFarewell()
    this.remoteClosedWrite()
  }

  /** The remote has ended. Who still reads may want to answer when everything is read. */
  #expectFarewell(): void {
    if (this.readBufferLength === 0) this.#shortenTimeout(Math.min(farewellTime, this.#closeTimeout))
  }

  #shortenTimeout(milliseconds: number): void {
    const { timeout } = this.#socket
    if (timeout === undefined || timeout === 0 || timeout > milliseconds) this.#socket.setTimeout(milliseconds)
  }

  #onTimeout(): void {
    const milliseconds = this.#socket.timeout
    if (this.remoteWriteStatus === 'closed' && this.writeStatus === 'writable' && !this.writableNeedsDrain) {
      // The remote has ended, and nobody here has anything to add.
      this.close().catch(() => {})
      return
    }
    if (this.remoteWriteStatus === 'closed' && milliseconds !== this.#closeTimeout) {
      // What is still being sent gets the time that a remote may take.
      this.#socket.setTimeout(this.#closeTimeout)
      return
    }
    const what = this.writeStatus === 'closed' ? 'the remote has not ended its side' : 'nothing was sent or received'
    this.abort(new TimeoutError(`${what} for ${milliseconds} ms`, { facts: { milliseconds } }))
  }

  #onError(error: Error): void {
    const { code } = error as { code?: string }
    // A write into a connection that the remote has closed fails with EPIPE where the reset was not seen before.
    if (code === 'ECONNRESET' || code === 'EPIPE') this.remoteReset()
    else this.abort(connectionFailed(this.remoteAddr.toString(), error))
  }
}
