import type { AbortOptions } from '@libp2p/interface'
import { type ByteQueue } from '@weft/bytes'
import { StreamBase, type StreamInit } from '@weft/interface-connection'

/** Options of a muxed stream. */
export interface MuxedStreamInit extends StreamInit {
  /** Asks whether the muxer's connection takes more; if not, remembers the stream for when it does. */
  muxer: { mayWrite(stream: MuxedStreamBase): boolean }
}

/** The base of the streams of `MuxerBase`: the muxer calls its `on…` methods, and it writes frames when it may. */
export abstract class MuxedStreamBase extends StreamBase {
  readonly #muxer: MuxedStreamInit['muxer']

  constructor(init: MuxedStreamInit) {
    super(init)
    this.#muxer = init.muxer
  }

  /**
   * Writes one frame of at most `maxMessageSize` bytes from `queue`. Returns false when the stream itself must wait, for
   * window; the subclass then calls `onWritable` later.
   */
  protected abstract writeFrame(queue: ByteQueue): boolean

  protected override transmit(queue: ByteQueue): boolean {
    while (queue.byteLength > 0) {
      if (!this.#muxer.mayWrite(this)) return false
      if (!this.writeFrame(queue)) return false
    }
    return this.#muxer.mayWrite(this)
  }

  protected override async sendCloseRead(_options?: AbortOptions): Promise<void> {
    // Neither yamux nor mplex can say it; what still comes is thrown away.
  }

  /** The muxer may take more, or window has come. */
  onWritable(): void {
    this.writable()
  }

  /** Payload has arrived. */
  onData(chunk: Uint8Array): void {
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
