import type { AbortOptions } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { MuxedStreamBase, type MuxedStreamInit } from '@weft/interface-stream-muxer'
import type { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'

/** Options of a stream, from its muxer. */
export interface MplexStreamInit extends MuxedStreamInit {
  session: Session<MplexStream>
  state: StreamState<MplexStream>
}

/** A stream of an mplex session. Pausing it does not stop the remote, which cannot be told. */
export class MplexStream extends MuxedStreamBase {
  private readonly _session: Session<MplexStream>
  private readonly _state: StreamState<MplexStream>

  constructor(init: MplexStreamInit) {
    super(init)
    this._session = init.session
    this._state = init.state
  }

  protected override writeFrame(queue: ByteQueue): boolean {
    this._session.write(this._state, queue, this.maxMessageSize)
    return true
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
