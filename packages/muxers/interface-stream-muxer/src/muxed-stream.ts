import type { AbortOptions } from '@libp2p/interface'
import { type ByteQueue, collectYoung } from '@weft/bytes'
import { setResourceScope, StreamBase, type StreamInit } from '@weft/interface-connection'
import type { ResourceScope, StreamScope } from '@weft/resources'
import type { FrameWriter } from './frame-writer.ts'
import type { UnchargedStream } from './read-pause.ts'

/** Options of a muxed stream. */
export interface MuxedStreamInit extends StreamInit {
  /** What the stream asks of its muxer. */
  muxer: {
    /** Where its frames go. */
    readonly writer: FrameWriter
    /** What has arrived for the stream is not charged: `exhausted` has no room. The muxer reads no more for now. */
    pauseForMemory(stream: UnchargedStream, exhausted: ResourceScope): void
  }
  /** The stream's account, if there are any. It is closed with the stream. */
  scope?: StreamScope | undefined
}

/** The base of the streams of `MuxerBase`: the muxer calls its `on…` methods, and it writes frames when it may. */
export abstract class MuxedStreamBase extends StreamBase {
  private readonly _muxer: MuxedStreamInit['muxer']
  /** Something was sent behind the proposal of the protocol. */
  private _hasSent = false
  /** Each chunk that waits is a message of its own. */
  private _isApart = false

  constructor(init: MuxedStreamInit) {
    super(init)
    this._muxer = init.muxer
    const { scope } = init
    if (scope === undefined) return
    setResourceScope(this, scope)
    scope.abortable = this
  }

  /**
   * Writes one frame of at most `maxLength` bytes from `queue`. Returns false when the stream itself must wait, for
   * window; the subclass then calls `onWritable` later.
   */
  protected abstract writeFrame(queue: ByteQueue, maxLength: number): boolean

  /**
   * What a caller sends at once is one message to the remote, also while a protocol is only proposed. The proposal has a frame
   * of its own, and the first message leaves in the same write. Those behind it wait for the answer: js-libp2p puts together
   * what has come before its handler reads.
   */
  override send(data: Parameters<StreamBase['send']>[0]): boolean {
    if (!this.isProposing) return super.send(data)
    if (this._hasSent) {
      this._isApart = true
      return this.sendOnceAgreed(data)
    }
    this.sendHeld()
    const more = super.send(data)
    this._hasSent = true
    return more
  }

  override writev(chunks: readonly Uint8Array[]): boolean {
    this.sendHeld()
    return super.writev(chunks)
  }

  protected override transmit(queue: ByteQueue): boolean {
    while (queue.byteLength > 0) {
      if (!this._muxer.writer.mayWrite(this)) return false
      const maxLength = this._isApart ? Math.min(this.maxMessageSize, queue.peek()!.byteLength) : this.maxMessageSize
      if (!this.writeFrame(queue, maxLength)) return false
    }
    this._isApart = false
    return this._muxer.writer.mayWrite(this)
  }

  protected override beforeTurnEnds(task: () => void): void {
    this._muxer.writer.beforeWrite(task)
  }

  protected override async sendCloseRead(_options?: AbortOptions): Promise<void> {
    // Neither yamux nor mplex can say it; what still comes is thrown away.
  }

  protected override memoryRefused(exhausted: ResourceScope): void {
    // Nobody can be told to wait for a stream that may not hold what its window lets in.
    if (exhausted.kind === 'stream') this.abort(exhausted.refusal('memory', this.readBufferLength))
    else this._muxer.pauseForMemory(this, exhausted)
  }

  /** The muxer may take more, or window has come. */
  onWritable(): void {
    // It is asked again once the remote has answered.
    if (!(this._isApart && this.isProposing)) this.writable()
  }

  /** Payload has arrived. */
  onData(chunk: Uint8Array): void {
    collectYoung(chunk.byteLength)
    this.deliver(chunk)
  }

  /** The remote has ended its side. */
  onRemoteCloseWrite(): void {
    this.remoteClosedWrite()
  }

  /** The remote has reset the stream. */
  onRemoteReset(): void {
    this.remoteReset()
  }

  /** The connection is gone. With an error the stream counts as reset: what it has received can still be read. */
  onTransportClosed(error: Error | undefined): void {
    if (error === undefined) this.transportClosed()
    else this.remoteReset(error)
  }
}
