/**
 * What weft's muxers put between the streams of a connection and its bytes: reading, writing with one write a turn
 * (`FrameWriter`), and reading no more while there is no room. A subclass decodes (`receive`), opens streams and says
 * good-bye in its own frames.
 */
import type { MessageStream } from '@libp2p/interface'
import { type BytePipe, type ByteSink, openPipe } from '@weft/interface-connection'
import { FrameWriter } from './frame-writer.ts'
import type { MuxedStreamBase } from './muxed-stream.ts'
import { StreamSet, type StreamSetInit } from './stream-set.ts'

/** Options of `MuxerBase`. */
export type MuxerInit = StreamSetInit

/**
 * The base of a muxer. A subclass decodes what arrives, writes frames to `writer`, and hands each stream to `track` or
 * `accept`.
 */
export abstract class MuxerBase<MuxedStream extends MuxedStreamBase> extends StreamSet<MuxedStream> {
  /** Frames that leave with the next write, at the end of this turn of the event loop. */
  readonly writer: FrameWriter
  private readonly _pipe: BytePipe
  private _pauses = 0

  constructor(connection: MessageStream, init: MuxerInit) {
    super(connection, init)
    this._pipe = openPipe(connection)
    this.writer = new FrameWriter({
      pipe: this._pipe,
      scope: this.scope,
      guard: task => this.guard(task),
      onFailure: error => this.log('could not write - %e', error)
    })
    this._pipe.attach(this._sink)
  }

  /** Decodes a chunk of the connection. What it throws ends the connection. */
  protected abstract receive(chunk: Uint8Array): void
  /** Writes the frame that ends the session, if the protocol has one. */
  protected abstract sendGoAway(error?: Error): void

  /** Reads no more from the connection until `resumeReading()` was called as often. */
  protected override pauseReading(): void {
    if (this._pauses++ === 0) this._pipe.pause()
  }

  /** Reads from the connection again, unless there is another reason not to. */
  protected override resumeReading(): void {
    if (--this._pauses === 0 && !this.isOver) this._pipe.resume()
  }

  protected override sayGoodbye(error?: Error): void {
    this.sendGoAway(error)
    this.writer.flush()
  }

  protected override detached(): void {
    this.writer.end()
  }

  protected override streamClosed(stream: MuxedStream): void {
    this.writer.forget(stream)
  }

  private readonly _sink: ByteSink = {
    onBytes: chunk => {
      if (this.isOver) return
      try {
        this.receive(chunk)
        this.writer.checkBacklog()
      } catch (error) {
        this.fail(error as Error)
      }
    },
    onDrain: () => this.writer.drained(),
    onEnd: () => this.transportClosed(undefined),
    onClose: error => this.transportClosed(error)
  }
}
