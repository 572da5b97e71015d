import { Duplex } from 'node:stream'
import type { MessageStream } from '@libp2p/interface'
import { type BytePipe, openPipe } from '@weft/interface-connection'
import { TruncatedStreamError } from '@weft/interface-crypto-channel'
import { RecordBoundary } from './core/record-boundary.ts'

/** Any libp2p stream as what `node:tls` runs over. */
export class StreamDuplex extends Duplex {
  private readonly _stream: MessageStream
  private readonly _pipe: BytePipe
  private readonly _received = new RecordBoundary()
  private _paused = false
  private _onWritable: (() => void) | undefined

  constructor(stream: MessageStream) {
    super({ allowHalfOpen: true })
    this._stream = stream
    this._pipe = openPipe(stream)
    this._pipe.attach({
      onBytes: chunk => {
        this._received.pass(chunk)
        if (this.push(chunk) || this._paused || !isLive(stream)) return
        this._paused = true
        this._pipe.pause()
      },
      onDrain: () => {
        const onWritable = this._onWritable
        this._onWritable = undefined
        onWritable?.()
      },
      onEnd: () => this._onEnd(),
      onClose: error => void this.destroy(error)
    })
  }

  override _read(): void {
    if (!this._paused) return
    this._paused = false
    if (isLive(this._stream)) this._pipe.resume()
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this._send([chunk], done)
  }

  override _writev(chunks: Array<{ chunk: Uint8Array }>, done: (error?: Error | null) => void): void {
    this._send(
      chunks.map(({ chunk }) => chunk),
      done
    )
  }

  override _final(done: (error?: Error | null) => void): void {
    this._stream.close().then(() => done(), done)
  }

  /** The platform takes a record that was cut off for none. */
  private _onEnd(): void {
    if (this._received.isBetweenRecords) this.push(null)
    else this.destroy(new TruncatedStreamError())
  }

  private _send(chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    try {
      if (this._pipe.writev(chunks)) done()
      else this._onWritable = done
    } catch (error) {
      done(error as Error)
    }
  }
}

function isLive({ status }: MessageStream): boolean {
  return status === 'open' || status === 'closing'
}
