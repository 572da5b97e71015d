import type { AbortOptions } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { MuxedStreamBase, type MuxedStreamInit } from '@weft/interface-stream-muxer'
import type { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'

/** Options of a stream, from its muxer. */
export interface SpdyStreamInit extends MuxedStreamInit {
  session: Session<SpdyStream>
  state: StreamState<SpdyStream>
}

/** A stream of a SPDY session. */
export class SpdyStream extends MuxedStreamBase {
  private readonly _session: Session<SpdyStream>
  private readonly _state: StreamState<SpdyStream>

  constructor(init: SpdyStreamInit) {
    super(init)
    this._session = init.session
    this._state = init.state
  }

  protected override writeFrame(queue: ByteQueue): boolean {
    return this._session.write(this._state, queue, this.maxMessageSize)
  }

  protected override consumed(length: number): void {
    this._session.consumed(this._state, length)
  }

  protected override async sendCloseWrite(_options?: AbortOptions): Promise<void> {
    this._session.finish(this._state)
  }

  protected override sendReset(_error: Error): void {
    this._session.reset(this._state)
  }
}
