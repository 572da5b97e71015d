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
  readonly #session: Session<SpdyStream>
  readonly #state: StreamState<SpdyStream>

  constructor(init: SpdyStreamInit) {
    super(init)
    this.#session = init.session
    this.#state = init.state
  }

  protected override writeFrame(queue: ByteQueue): boolean {
    return this.#session.write(this.#state, queue, this.maxMessageSize)
  }

  protected override consumed(length: number): void {
    this.#session.consumed(this.#state, length)
  }

  protected override async sendCloseWrite(_options?: AbortOptions): Promise<void> {
    this.#session.finish(this.#state)
  }

  protected override sendReset(_error: Error): void {
    this.#session.reset(this.#state)
  }
}
