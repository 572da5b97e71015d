import { setResourceScope, StreamBase, type StreamInit } from '@weft/interface-connection'
import type { SetStream, UnchargedStream } from '@weft/interface-stream-muxer'
import type { ResourceScope, StreamScope } from '@weft/resources'

/** Options of a native stream. */
export interface NativeStreamInit extends StreamInit {
  /** Its `NativeMuxer`. */
  muxer: {
    /** What has arrived for the stream is not charged: `exhausted` has no room. */
    pauseForMemory(stream: UnchargedStream, exhausted: ResourceScope): void
  }
  /** The stream's account, if there are any. It is closed with the stream. */
  scope?: StreamScope | undefined
}

/**
 * The base of the streams of a `NativeMuxer`. A subclass sends (`transmit`, `sendCloseWrite`, `sendCloseRead`, `sendReset`),
 * grants credit when bytes were read (`consumed`), and calls `deliver`, `remoteClosedWrite`, `remoteClosedRead`, `remoteReset`
 * and `writable`.
 */
export abstract class NativeStreamBase extends StreamBase implements SetStream {
  private readonly _muxer: NativeStreamInit['muxer']

  constructor(init: NativeStreamInit) {
    super(init)
    this._muxer = init.muxer
    const { scope } = init
    if (scope === undefined) return
    setResourceScope(this, scope)
    scope.abortable = this
  }

  /** The connection is gone. With an error the stream counts as reset: what it has received can still be read. */
  onTransportClosed(error: Error | undefined): void {
    if (error === undefined) this.transportClosed()
    else this.remoteReset(error)
  }

  protected override memoryRefused(exhausted: ResourceScope): void {
    // Nobody can be told to wait for a stream that may not hold what its window lets in.
    if (exhausted.kind === 'stream') this.abort(exhausted.refusal('memory', this.readBufferLength))
    else this._muxer.pauseForMemory(this, exhausted)
  }
}
