import { Duplex } from 'node:stream'
import type { MessageStream } from '@libp2p/interface'
import { type BytePipe, openPipe } from '@weft/interface-connection'
import { TruncatedStreamError } from '@weft/interface-crypto-channel'
import { RecordBoundary } from './core/record-boundary.ts'

/** Any libp2p stream as what `node:tls` runs over. */
export class StreamDuplex extends Duplex {
  readonly #stream: MessageStream
  readonly #pipe: BytePipe
  readonly #received = new RecordBoundary()
  #paused = false
  #onWritable: (() => void) | undefined

  constructor(stream: MessageStream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    this.#pipe = openPipe(stream)
    this.#pipe.attach({
      onBytes: chunk => {
        this.#received.pass(chunk)
        if (this.push(chunk) || this.#paused || !isLive(stream)) return
        this.#paused = true
        this.#pipe.pause()
      },
      onDrain: () => {
        const onWritable = this.#onWritable
        this.#onWritable = undefined
        onWritable?.()
      },
      onEnd: () => this.#onEnd(),
      onClose: error => void this.destroy(error)
    })
  }

  override _read(): void {
    if (!this.#paused) return
    this.#paused = false
    if (isLive(this.#stream)) this.#pipe.resume()
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send([chunk], done)
  }

  override _writev(chunks: Array<{ chunk: Uint8Array }>, done: (error?: Error | null) => void): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done
    )
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream.close().then(() => done(), done)
  }

  /** The platform takes a record that was cut off for none. */
  #onEnd(): void {
    if (this.#received.isBetweenRecords) this.push(null)
    else this.destroy(new TruncatedStreamError())
  }

  #send(chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    try {
      if (this.#pipe.writev(chunks)) done()
      else this.#onWritable = done
    } catch (error) {
      done(error as Error)
    }
  }
}

function isLive({ status }: MessageStream): boolean {
  return status === 'open' || status === 'closing'
}
