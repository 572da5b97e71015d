import type { TLSSocket } from 'node:tls'
import type { MessageStream } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { ConnectionClosedError } from '@weft/errors'
import { guarded, MessageStreamBase } from '@weft/interface-connection'
import { TlsError } from './errors.ts'

// As over TCP: a reader behind by more is not read for.
const readHighWaterMark = 256 * 1024

/** The plaintext of a TLS session over a stream that has no socket. */
export class TlsStream extends MessageStreamBase {
  private readonly _connection: MessageStream
  private readonly _socket: TLSSocket
  private _flowing = true

  constructor(connection: MessageStream, socket: TLSSocket) {
    const { direction, inactivityTimeout, maxReadBufferLength, maxWriteBufferLength } = connection
    super({
      ...{ direction, inactivityTimeout, maxReadBufferLength, maxWriteBufferLength },
      log: () => connection.log.newScope('tls')
    })
    this._connection = connection
    this._socket = socket
    const onData = (chunk: Uint8Array): void => {
      this.deliver(chunk)
      this._regulate()
    }
    socket.on('data', guarded(this, onData))
    socket.on(
      'end',
      guarded(this, () => this.remoteClosedWrite())
    )
    socket.on(
      'drain',
      guarded(this, () => this.writable())
    )
    socket.on(
      'error',
      guarded(this, (error: Error) => this._onError(error))
    )
    socket.on(
      'close',
      guarded(this, () => this.transportClosed())
    )
  }

  protected override transmit(queue: ByteQueue): boolean {
    const socket = this._socket
    socket.cork()
    for (const chunk of queue.takeAll()) socket.write(chunk)
    socket.uncork()
    return !socket.writableNeedDrain
  }

  protected override sendCloseWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      this._socket.end((error?: Error | null) => {
        if (error == null) resolve()
        else reject(new ConnectionClosedError('the channel broke before its end was sent', { cause: error }))
      })
    })
  }

  protected override sendReset(error: Error): void {
    this._connection.abort(error)
    this._socket.destroy()
  }

  protected override sendPause(): void {
    this._regulate()
  }

  protected override sendResume(): void {
    this._regulate()
  }

  protected override consumed(): void {
    if (!this._flowing) this._regulate()
  }

  private _regulate(): void {
    const flowing = this.readStatus !== 'paused' && this.readBufferLength < readHighWaterMark
    if (flowing === this._flowing) return
    this._flowing = flowing
    if (flowing) this._socket.resume()
    else this._socket.pause()
  }

  private _onError(error: Error): void {
    if (error.name === 'StreamResetError') this.remoteReset()
    // The platform's own have no name; what the connection below has told has one.
    else this.abort(error.name === 'Error' ? new TlsError(error) : error)
  }
}
